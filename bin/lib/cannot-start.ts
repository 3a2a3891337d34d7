/** The start ends for a reason that the message says whole, with what to do: where it was thrown helps nobody. */
export class CannotStart extends Error {}
