import { Migration } from '@mikro-orm/migrations'

/**
 * XP, levels, badges and activities. xp_events is derived: it can be made again from postings and activities at any
 * time, and progress is its sum. Awards, and the marks of what was announced, are kept for good.
 */
export class Progress extends Migration {
  override up(): void {
    this.addSql(`
      create table activities (
        id bigint generated always as identity primary key,
        person_id bigint not null references persons (id),
        bot text not null references bots (name),
        kind text not null check (length(kind) between 1 and 64),
        score numeric,
        xp integer not null check (xp between 0 and 1000000),
        data jsonb not null default '{}',
        idempotency_key text not null,
        digest text not null,
        created_at timestamptz not null default now(),
        constraint activities_once unique (bot, idempotency_key)
      );
      create index activities_person_index on activities (person_id, id);
      create trigger activities_append_only before update or delete or truncate on activities
        for each statement execute function refuse_change();

      create table xp_events (
        source text primary key,
        person_id bigint not null references persons (id),
        xp integer not null check (xp <> 0),
        bot text,
        at timestamptz not null
      );
      create index xp_events_person_index on xp_events (person_id, at);

      create table progress (
        person_id bigint primary key references persons (id),
        xp bigint not null default 0,
        announced_level integer not null default 1,
        updated_at timestamptz not null default now()
      );
      create index progress_xp_index on progress (xp desc, person_id);

      create table badges (
        code text primary key check (code ~ '^[a-z0-9][a-z0-9-]{0,31}$'),
        name jsonb not null,
        description jsonb not null,
        criteria jsonb not null,
        sign text not null default '🏅',
        active boolean not null default true,
        created_at timestamptz not null default now()
      );
      create table badge_awards (
        badge text not null references badges (code),
        person_id bigint not null references persons (id),
        bot text,
        given_by bigint,
        given_at timestamptz not null default now(),
        primary key (badge, person_id)
      );
      create index badge_awards_person_index on badge_awards (person_id);

      insert into badges (code, sign, name, description, criteria) values
        ('first-spark', '✨', '{"ru":"Первая искра","en":"First spark"}',
         '{"ru":"Первая покупка за токены","en":"First purchase for tokens"}', '{"kind":"spent","asset":"TOK","amount":"1"}'),
        ('big-spender', '💎', '{"ru":"Щедрая душа","en":"Big spender"}',
         '{"ru":"Потрачено 1000 токенов","en":"1,000 tokens spent"}', '{"kind":"spent","asset":"TOK","amount":"1000"}'),
        ('good-company', '🤝', '{"ru":"Хорошая компания","en":"Good company"}',
         '{"ru":"Трое друзей купили токены по вашей ссылке","en":"Three friends bought tokens through your link"}',
         '{"kind":"invited","count":3}'),
        ('week-streak', '🔥', '{"ru":"Неделя подряд","en":"Week streak"}',
         '{"ru":"Семь дней подряд с занятием или покупкой","en":"Seven days in a row with an activity or a purchase"}',
         '{"kind":"streak","days":7}'),
        ('regular', '🎯', '{"ru":"Постоянство","en":"Regular"}',
         '{"ru":"Сто тренировок","en":"A hundred trainings"}', '{"kind":"activities","activity":"training","count":100}'),
        ('friend-of-the-shop', '🎖', '{"ru":"Друг магазина","en":"Friend of the shop"}',
         '{"ru":"Вручают администраторы","en":"Given by admins"}', '{"kind":"manual"}');

      -- The postings whose consequences (XP, referral rewards, bonuses) were booked, and the number up to which none is missing.
      create table followed_postings (posting_id bigint primary key references postings (id));
      create table follow_position (one boolean primary key default true check (one), posting_id bigint not null);
      insert into follow_position (posting_id) select coalesce(max(id), 0) from postings;
    `)
  }
}
