-- Sets up the login that breakglass works with, on PostgreSQL 15 and newer. Run it as a superuser, once for a server
-- (memberships are the server's, not a database's), after putting your own names in place of: breakglass, its password,
-- orders (the database it connects to) and orders_read, orders_admin (the roles it may give).

CREATE ROLE breakglass LOGIN PASSWORD 'change me' CONNECTION LIMIT 20
    NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
GRANT CONNECT ON DATABASE orders TO breakglass;

-- To end sessions that would outlive the access. It doesn't reach superusers.
GRANT pg_signal_backend TO breakglass;

-- To give and take these roles, and no others.
GRANT orders_read, orders_admin TO breakglass WITH ADMIN OPTION;

-- From 16 on it can give them without having them. Until 15 ADMIN OPTION comes with membership.
DO $$
BEGIN
    IF current_setting('server_version_num')::int >= 160000 THEN
        EXECUTE 'GRANT orders_read, orders_admin TO breakglass WITH INHERIT FALSE, SET FALSE';
    END IF;
END
$$;
