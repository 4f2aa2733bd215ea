-- Takes away the membership that we granted, and ends the sessions that would keep its rights, from 16 on, where every grantor
-- has a membership of its own; for 15 there is deprovision_15.sql. One statement: it goes on without us.
-- Reads what settings.sql wrote; leaves in breakglass.answer how many ended, if any did.
-- Errors of ours: BG003 a session doesn't end, BG004 the call came after we gave up on it: it may be given anew by now.
-- The server plans each statement and expression in here anew with every call, which is most of what a call costs it: hence
-- few of them, and none of the views, which join what nobody needs here.
DO $deprovision$
DECLARE
    role   regrole;
    login  regrole;
    -- May a session have become the role? It keeps its rights until it ends. Others keep them for a transaction.
    became boolean;
    late   boolean;
    doomed int[];
    ended  int := 0;
BEGIN
    SELECT ours.roleid, ours.member, ours.set_option,
        extract(epoch FROM clock_timestamp()) * 1000 >= current_setting('breakglass.give_up_at')::numeric
        INTO role, login, became, late
        FROM pg_auth_members AS ours
        WHERE ours.roleid = to_regrole(quote_ident(current_setting('breakglass.entitlement')))
        AND ours.member = to_regrole(quote_ident(current_setting('breakglass.account')))
        AND ours.grantor = to_regrole(quote_ident(current_user));
    IF late THEN
        RAISE EXCEPTION USING ERRCODE = 'BG004', MESSAGE = 'the call came after its end';
    ELSIF late IS NULL THEN
        RETURN;
    END IF;

    -- Our row can stay without its rights, which end here. Else it goes, though nobody else sees that yet. It goes last, so that
    -- whoever comes after a crash knows that there is something left to do.
    IF became THEN
        EXECUTE format('REVOKE %s FROM %s GRANTED BY CURRENT_USER', role, login);
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
            AND NOT pg_has_role(login, role, CASE WHEN became THEN 'SET' ELSE 'USAGE' END)
            AND (became OR EXISTS (
                SELECT FROM pg_lock_status() AS own
                WHERE own.pid = pg_stat_get_backend_pid(session)
                AND own.locktype = 'virtualxid' AND own.mode = 'ExclusiveLock'));
        IF doomed IS NOT NULL THEN
            PERFORM pg_terminate_backend(pid) FROM unnest(doomed) AS pid;
            ended := ended + cardinality(doomed);
            PERFORM set_config('breakglass.answer', ended::text, false);
            FOR look IN 1..200 LOOP
                EXIT WHEN pass = 2 OR doomed IS NULL;
                PERFORM pg_sleep(0.01), pg_stat_clear_snapshot();
                SELECT array_agg(pg_stat_get_backend_pid(session)) INTO doomed
                    FROM pg_stat_get_backend_idset() AS session
                    WHERE pg_stat_get_backend_userid(session) = login
                    AND pg_stat_get_backend_pid(session) = ANY (doomed);
            END LOOP;
            IF pass = 1 AND doomed IS NOT NULL THEN
                RAISE EXCEPTION USING ERRCODE = 'BG003', MESSAGE = format('a session of %s does not end', login);
            END IF;
        END IF;
        IF pass = 1 AND NOT became THEN
            EXECUTE format('REVOKE %s FROM %s GRANTED BY CURRENT_USER', role, login);
        END IF;
        COMMIT;
    END LOOP;
END
$deprovision$
