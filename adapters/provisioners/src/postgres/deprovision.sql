-- Takes away the membership that we granted, and ends the sessions that would keep its rights. Our row goes last, so
-- that whoever comes after a crash knows that there is something left to do. One statement: it goes on without us.
-- Reads what settings.sql wrote; leaves in breakglass.answer how many ended.
-- Errors of ours: BG003 a session doesn't end, BG004 the call came after we gave up on it: it may be given anew by now.
-- The server plans each statement and expression in here anew with every call, which is most of what a call costs it: hence
-- few of them, and none of the views, which join what nobody needs here.
DO $deprovision$
DECLARE
    per_grantor CONSTANT boolean := current_setting('server_version_num')::int >= 160000;
    role   regrole;
    login  regrole;
    -- May a session have become the role? It keeps its rights until it ends. Others keep them for a transaction.
    became boolean;
    doomed int[];
    ended  int := 0;
BEGIN
    IF extract(epoch FROM clock_timestamp()) * 1000 >= current_setting('breakglass.give_up_at')::numeric THEN
        RAISE EXCEPTION USING ERRCODE = 'BG004', MESSAGE = 'the call came after its end';
    END IF;
    SELECT ours.roleid, ours.member, NOT per_grantor OR (to_jsonb(ours) ->> 'set_option')::boolean
        INTO role, login, became
        FROM pg_auth_members AS ours
        WHERE ours.roleid = to_regrole(quote_ident(current_setting('breakglass.entitlement')))
        AND ours.member = to_regrole(quote_ident(current_setting('breakglass.account')))
        AND ours.grantor = to_regrole(quote_ident(current_user));
    IF NOT FOUND THEN
        PERFORM set_config('breakglass.answer', '0', false);
        RETURN;
    END IF;

    -- From 16 on our row can stay without its rights, which end here. Else it goes, though nobody else sees that yet.
    IF became THEN
        EXECUTE format('REVOKE %s FROM %s', role, login)
            || CASE WHEN per_grantor THEN ' GRANTED BY CURRENT_USER' ELSE '' END;
    ELSE
        EXECUTE format('GRANT %s TO %s WITH INHERIT FALSE GRANTED BY CURRENT_USER', role, login);
        COMMIT;
    END IF;

    -- Once before our row is gone for everybody, once after it for sessions that began in between.
    FOR pass IN 1..2 LOOP
        -- Somebody who has the role in another way too loses nothing, so that nothing has to end.
        SELECT array_agg(pg_stat_get_backend_pid(session)) INTO doomed
            FROM pg_stat_get_backend_idset() AS session
            WHERE pg_stat_get_backend_userid(session) = login
            AND NOT pg_has_role(login, role,
                CASE WHEN NOT became THEN 'USAGE' WHEN per_grantor THEN 'SET' ELSE 'MEMBER' END)
            AND (became OR EXISTS (
                SELECT FROM pg_lock_status() AS own
                WHERE own.pid = pg_stat_get_backend_pid(session)
                AND own.locktype = 'virtualxid' AND own.mode = 'ExclusiveLock'));
        IF doomed IS NOT NULL THEN
            PERFORM pg_terminate_backend(pid) FROM unnest(doomed) AS pid;
            ended := ended + cardinality(doomed);
        END IF;
        EXIT WHEN pass = 2;
        IF doomed IS NOT NULL THEN
            FOR look IN 1..200 LOOP
                PERFORM pg_stat_clear_snapshot();
                SELECT array_agg(pg_stat_get_backend_pid(session)) INTO doomed
                    FROM pg_stat_get_backend_idset() AS session
                    WHERE pg_stat_get_backend_userid(session) = login
                    AND pg_stat_get_backend_pid(session) = ANY (doomed);
                EXIT WHEN doomed IS NULL;
                PERFORM pg_sleep(0.01);
            END LOOP;
        END IF;
        IF doomed IS NOT NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'BG003', MESSAGE = format('a session of %s does not end', login);
        END IF;
        IF NOT became THEN
            EXECUTE format('REVOKE %s FROM %s GRANTED BY CURRENT_USER', role, login);
        END IF;
        COMMIT;
    END LOOP;
    PERFORM set_config('breakglass.answer', ended::text, false);
END
$deprovision$
