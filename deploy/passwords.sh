#!/bin/sh
# The PostgreSQL image runs this once, after roles.sql.
set -eu

psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set owner="$GRID_OWNER_PASSWORD" --set app="$GRID_APP_PASSWORD" <<'SQL'
ALTER ROLE grid_owner PASSWORD :'owner';
ALTER ROLE grid_app PASSWORD :'app';
SQL
