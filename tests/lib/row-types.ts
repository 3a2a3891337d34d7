/**
 * A row type that no compiler checks: it stands before the text of a statement or of a list of rows. The type of one value
 * within a statement of the builder is none.
 */
export const ROW_TYPE_BY_HAND =
  /\btypeof q<\{|\bq<\s*(?:\{[^`]*?\}|[A-Z(][^`]*?)\s*>`\s*(?:\(?\s*(?:select|insert|update|delete|with)\b|\(?\$\{)/g
