-- What doctor says of the server, of our login and of each role that it gives ($1). $2: does nothing leave this machine?
WITH us AS (SELECT * FROM pg_roles WHERE rolname = current_user),
wanted AS (
    SELECT name, place, role.oid, role.rolsuper,
        bool_or(held.admin_option) AS may_grant,
        bool_or((to_jsonb(held) ->> 'inherit_option')::boolean OR (to_jsonb(held) ->> 'set_option')::boolean) AS may_use
    FROM unnest($1::text[]) WITH ORDINALITY AS wanted (name, place)
    LEFT JOIN pg_roles AS role ON role.rolname = name
    LEFT JOIN pg_auth_members AS held ON held.roleid = role.oid AND held.member = (SELECT oid FROM us)
    GROUP BY name, place, role.oid, role.rolsuper
),
-- Memberships besides those it hands out, and those that come with no right.
others AS (
    SELECT string_agg(quote_ident(role.rolname), ', ' ORDER BY role.rolname) AS names
    FROM pg_auth_members AS held JOIN pg_roles AS role ON role.oid = held.roleid
    WHERE held.member = (SELECT oid FROM us) AND role.rolname <> 'pg_signal_backend' AND role.rolname <> ALL ($1)
),
attributes AS (
    SELECT array_remove(ARRAY[
        CASE WHEN rolcreaterole THEN 'CREATEROLE' END, CASE WHEN rolcreatedb THEN 'CREATEDB' END,
        CASE WHEN rolreplication THEN 'REPLICATION' END, CASE WHEN rolbypassrls THEN 'BYPASSRLS' END
    ], NULL) AS words FROM us
),
findings (place, level, what, mend) AS (
    SELECT 0::bigint, 'ok', format('PostgreSQL %s, as %I', current_setting('server_version'), current_user), ''
    UNION ALL
    SELECT 1, 'failure', 'older than PostgreSQL 15', 'Only 15 and newer are supported.'
    WHERE current_setting('server_version_num')::int < 150000
    UNION ALL
    SELECT 2, 'failure', 'a standby, which takes no changes', 'Point `url` at the primary.'
    WHERE pg_is_in_recovery()
    UNION ALL
    SELECT 3, 'failure', format('%I is a superuser', rolname),
        format('ALTER ROLE %I NOSUPERUSER; then set it up by docs/postgres-setup.sql.', rolname)
    FROM us WHERE rolsuper
    UNION ALL
    SELECT 4, 'warning', format('%I has more rights than it needs: %s', current_user, array_to_string(words, ', ')),
        format('ALTER ROLE %I NO%s;', current_user, array_to_string(words, ' NO'))
    FROM attributes WHERE words <> '{}'
    UNION ALL
    SELECT 5, 'warning', format('%I is a member of roles that no target gives: %s', current_user, names),
        format('REVOKE %s FROM %I;', names, current_user)
    -- Where no target is known, nothing is known of what they give either.
    FROM others WHERE names IS NOT NULL AND cardinality($1) > 0
    UNION ALL
    SELECT 6, 'failure', format('%I can''t end open sessions', current_user),
        format('GRANT pg_signal_backend TO %I;', current_user)
    WHERE NOT pg_has_role('pg_signal_backend', 'USAGE')
    UNION ALL
    SELECT 7, 'failure', format('%I can''t use plpgsql', current_user),
        format('GRANT USAGE ON LANGUAGE plpgsql TO %I;', current_user)
    WHERE NOT EXISTS (SELECT FROM pg_language WHERE lanname = 'plpgsql' AND has_language_privilege(oid, 'USAGE'))
    UNION ALL
    SELECT 8, 'warning', 'the connection isn''t encrypted',
        'Add ?sslmode=verify-full to `url`, and `root_cert` if the authority is your own.'
    WHERE NOT ($2 OR coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false))
    UNION ALL
    SELECT 100 + place,
        CASE WHEN oid IS NOT NULL AND NOT rolsuper AND may_grant THEN CASE WHEN may_use THEN 'warning' ELSE 'ok' END
            ELSE 'failure' END,
        CASE WHEN oid IS NULL THEN format('there is no role %I', name)
            WHEN rolsuper THEN format('%I is a superuser, which can''t be given', name)
            WHEN may_grant IS NOT TRUE THEN format('%I may not grant %I', current_user, name)
            WHEN may_use THEN format('%I may not only grant %I but use it', current_user, name)
            ELSE format('%I may grant %I', current_user, name) END,
        CASE WHEN oid IS NULL THEN 'Create it, or mend `grants` in the policy.'
            WHEN rolsuper THEN 'Give a role with just the rights that are needed.'
            WHEN may_grant IS NOT TRUE THEN format('GRANT %I TO %I WITH ADMIN OPTION;', name, current_user)
            WHEN may_use THEN format('GRANT %I TO %I WITH INHERIT FALSE, SET FALSE;', name, current_user)
            ELSE '' END
    FROM wanted
)
SELECT level, what, mend FROM findings ORDER BY place
