import { Migration } from '@mikro-orm/migrations'

/** How many files a person has sent in the hour that began with the first of them. */
export class FilesOfAnHour extends Migration {
  override up(): void {
    this.addSql(`
      create table sent_files (
        person_id bigint primary key references persons (id),
        since timestamptz not null default now(),
        count int not null default 1
      )`)
  }
}
