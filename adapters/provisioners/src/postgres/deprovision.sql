-- Takes away the membership that we granted, and ends the sessions that would keep its rights. Our row goes last, so
-- that whoever comes after a crash knows that there is something left to do. One statement: it goes on without us.
-- Reads what settings.sql wrote; leaves in breakglass.answer how many ended.
-- Errors of ours: BG003 a session doesn't end, BG004 the call came after we gave up on it: it may be given anew by now.
DO $deprovision$
DECLARE
    role_name   CONSTANT text    := current_setting('breakglass.entitlement');
    login_name  CONSTANT text    := current_setting('breakglass.account');
    per_grantor CONSTANT boolean := current_setting('server_version_num')::int >= 160000;
    give_up_at  CONSTANT numeric := current_setting('breakglass.give_up_at')::numeric;
    by_us       CONSTANT text    := CASE WHEN per_grantor THEN ' GRANTED BY CURRENT_USER' ELSE '' END;
    us     oid;
    role   oid;
    login  oid;
    ours   pg_auth_members;
    -- May a session have become the role? It keeps its rights until it ends. Others keep them for a transaction.
    became boolean;
    doomed int[];
    ended  int := 0;
BEGIN
    IF extract(epoch FROM clock_timestamp()) * 1000 >= give_up_at THEN
        RAISE EXCEPTION USING ERRCODE = 'BG004', MESSAGE = 'the call came after its end';
    END IF;
    SELECT oid INTO us FROM pg_roles WHERE rolname = current_user;
    SELECT oid INTO role FROM pg_roles WHERE rolname = role_name;
    SELECT oid INTO login FROM pg_roles WHERE rolname = login_name;
    SELECT * INTO ours FROM pg_auth_members WHERE roleid = role AND member = login AND grantor = us;
    IF NOT FOUND THEN
        PERFORM set_config('breakglass.answer', '0', false);
        RETURN;
    END IF;
    became := NOT per_grantor OR (to_jsonb(ours) ->> 'set_option')::boolean;

    -- From 16 on our row can stay without its rights, which end here. Else it goes, though nobody else sees that yet.
    IF became THEN
        EXECUTE format('REVOKE %I FROM %I', role_name, login_name) || by_us;
    ELSE
        EXECUTE format('GRANT %I TO %I WITH INHERIT FALSE', role_name, login_name) || by_us;
        COMMIT;
    END IF;

    -- Once before our row is gone for everybody, once after it for sessions that began in between.
    FOR pass IN 1..2 LOOP
        -- Somebody who has the role in another way too loses nothing, so that nothing has to end.
        SELECT coalesce(array_agg(session.pid), '{}') INTO doomed
            FROM pg_stat_activity AS session
            WHERE session.usesysid = login
            AND NOT pg_has_role(login, role,
                CASE WHEN NOT became THEN 'USAGE' WHEN per_grantor THEN 'SET' ELSE 'MEMBER' END)
            AND (became OR EXISTS (
                SELECT FROM pg_locks AS own
                WHERE own.pid = session.pid AND own.locktype = 'virtualxid' AND own.mode = 'ExclusiveLock'));
        PERFORM pg_terminate_backend(pid) FROM unnest(doomed) AS pid;
        ended := ended + cardinality(doomed);
        EXIT WHEN pass = 2;
        FOR look IN 1..200 LOOP
            PERFORM pg_stat_clear_snapshot();
            SELECT array_agg(session.pid) INTO doomed
                FROM pg_stat_activity AS session WHERE session.usesysid = login AND session.pid = ANY (doomed);
            EXIT WHEN doomed IS NULL;
            PERFORM pg_sleep(0.01);
        END LOOP;
        IF doomed IS NOT NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'BG003', MESSAGE = format('a session of %I does not end', login_name);
        END IF;
        IF NOT became THEN
            EXECUTE format('REVOKE %I FROM %I', role_name, login_name) || by_us;
        END IF;
        COMMIT;
    END LOOP;
    PERFORM set_config('breakglass.answer', ended::text, false);
END
$deprovision$
