import { Migration } from '@mikro-orm/migrations'

/**
 * The trigger of entries writes wallets with the rights of the tables' owner, so that the shop's role needs none there,
 * and finds the tables by their schema: a temporary table of the same name is somebody else's. The guard asks once for
 * a statement: a trigger for each row also locked each row before it was written.
 */
export class WalletsByEntriesAlone extends Migration {
  override up(): void {
    this.addSql(`
      -- allow lock: for a moment, and in the order in which a posting locks them, so that none is ended as a deadlock
      lock table entries, wallets in access exclusive mode;

      create or replace function entry_moves_wallet() returns trigger language plpgsql
        security definer set search_path = pg_catalog, public, pg_temp as $$
      declare
        to_available bigint := case when new.bucket = 'available' then new.amount else 0 end;
        to_held bigint := case when new.bucket = 'held' then new.amount else 0 end;
      begin
        loop
          update wallets
            set available = available + to_available, held = held + to_held, updated_at = now()
            where person_id = new.person_id and asset = new.asset
            returning available + held into new.balance_after;
          exit when found;
          -- The first entry in an asset; one that takes meets an empty wallet, and the check refuses it.
          insert into wallets (person_id, asset, available, held)
            values (new.person_id, new.asset, greatest(to_available, 0), greatest(to_held, 0))
            on conflict do nothing returning available + held into new.balance_after;
          exit when found and new.amount > 0;
        end loop;
        return new;
      end $$;
      -- allow trigger: it does what it did, and is not called for system accounts, which have no wallet
      create or replace trigger entry_moves_wallet before insert on entries
        for each row when (new.person_id is not null) execute function entry_moves_wallet();
      -- allow trigger: the same guard, once for a statement
      create or replace trigger wallet_follows_entries before insert or update or delete on wallets
        for each statement when (pg_trigger_depth() < 1) execute function wallet_follows_entries();
      alter function chain_audit_line() set search_path = pg_catalog, public, pg_temp;
    `)
  }
}
