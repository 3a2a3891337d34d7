import { Migration } from '@mikro-orm/migrations'

/** A file that every buyer of an item gets. Each bot has an id of its own for the file, and so a row of its own. */
export class FilesOfOwnGoods extends Migration {
  override up(): void {
    this.addSql(`
      create table shelf_files (
        item_id bigint not null references shelf_items (id),
        bot text not null references bots (name),
        version text not null,
        source boolean not null,
        type text not null check (type in ('document', 'photo', 'video')),
        name text not null,
        size bigint not null,
        file_id text,
        claimed_at timestamptz not null default now(),
        primary key (item_id, bot)
      );
      create unique index shelf_files_source_index on shelf_files (item_id) where source;
    `)
  }
}
