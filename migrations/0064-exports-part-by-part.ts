import { Migration } from '@mikro-orm/migrations'

/** Which parts of an export Telegram has, so that an interrupted export goes on behind them. */
export class ExportsPartByPart extends Migration {
  override up(): void {
    this.addSql(`
      alter table exports add column parts integer;
      alter table exports add column sent_parts integer not null default 0;
      alter table exports add column sent_rows bigint not null default 0;
      alter table exports add column sent_bytes bigint not null default 0;
      alter table exports add column sent_to text;
      alter table exports add column sending integer;
    `)
  }
}
