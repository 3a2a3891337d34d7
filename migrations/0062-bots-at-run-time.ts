import { Migration } from '@mikro-orm/migrations'

/** Bots that an owner adds while everything runs, and tokens that an owner replaces. */
export class BotsAtRunTime extends Migration {
  override up(): void {
    this.addSql(`
      alter table bots
        -- the last characters of a token that is kept in secrets; null = the settings have it, or nobody
        add column token_end text,
        -- the token that Telegram accepted or refused last
        add column token_print text,
        -- the token of the settings that the stored token replaces; a new token in the settings wins again
        add column instead_of text,
        -- the bot of the settings through which this bot was added: the deployment that serves the one serves the other
        add column home text,
        add column was_paused boolean not null default false;
      alter table bots add constraint bots_home_fkey foreign key (home) references bots (name) not valid;
      alter table bots validate constraint bots_home_fkey;
      alter table bots drop constraint bots_state_check;
      alter table bots add constraint bots_state_check
        check (state in ('active', 'paused', 'parked', 'removed')) not valid;
      alter table bots validate constraint bots_state_check;
    `)
  }
}
