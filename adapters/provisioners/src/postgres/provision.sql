-- Grants the role to the login, unless it is too late. One statement: nothing we do afterwards can delay its commit.
-- Reads what settings.sql wrote; leaves in breakglass.answer how it is held already, or nothing.
-- Errors of ours: BG001 too late, BG002 refused, BG004 the call came after we gave up on it.
DO $provision$
DECLARE
    role_name   CONSTANT text    := current_setting('breakglass.entitlement');
    login_name  CONSTANT text    := current_setting('breakglass.account');
    begin_by    CONSTANT numeric := current_setting('breakglass.begin_by')::numeric;
    give_up_at  CONSTANT numeric := current_setting('breakglass.give_up_at')::numeric;
    now_is      numeric;
    per_grantor CONSTANT boolean := current_setting('server_version_num')::int >= 160000;
    us     oid;
    role   pg_roles;
    login  pg_roles;
    others text;
BEGIN
    SELECT oid INTO us FROM pg_roles WHERE rolname = current_user;
    SELECT * INTO role FROM pg_roles WHERE rolname = role_name;
    SELECT * INTO login FROM pg_roles WHERE rolname = login_name;
    IF role.oid IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'BG002', MESSAGE = format('there is no role %I', role_name);
    ELSIF login.oid IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'BG002', MESSAGE = format('there is no login %I', login_name);
    ELSIF NOT login.rolcanlogin THEN
        RAISE EXCEPTION USING ERRCODE = 'BG002', MESSAGE = format('%I is a role that nobody can log in as', login_name);
    ELSIF login.oid IN (us, role.oid) THEN
        RAISE EXCEPTION USING ERRCODE = 'BG002', MESSAGE = format('%I is no person''s login', login_name);
    ELSIF NOT pg_has_role('pg_signal_backend', 'USAGE') THEN
        RAISE EXCEPTION USING ERRCODE = 'BG002', MESSAGE = format(
            'open sessions could not be ended afterwards: GRANT pg_signal_backend TO %I;', current_user);
    END IF;
    IF login.rolsuper THEN
        PERFORM set_config('breakglass.answer', 'is a superuser', false);
        RETURN;
    END IF;

    -- Until 15 a membership has one row, whoever granted it: where somebody else's is, there is no room for ours.
    IF NOT per_grantor THEN
        SELECT 'granted by ' || coalesce(by.rolname, 'a role that is gone') INTO others
            FROM pg_auth_members AS held LEFT JOIN pg_roles AS by ON by.oid = held.grantor
            WHERE held.roleid = role.oid AND held.member = login.oid AND held.grantor <> us;
        IF others IS NOT NULL THEN
            PERFORM set_config('breakglass.answer', others, false);
            RETURN;
        END IF;
    END IF;

    EXECUTE format('GRANT %I TO %I', role_name, login_name)
        || CASE WHEN per_grantor THEN ' WITH INHERIT TRUE, SET FALSE GRANTED BY CURRENT_USER' ELSE '' END;

    -- Somebody else's GRANT may have come between the look and ours, which then changed nothing.
    PERFORM FROM pg_auth_members AS held
        WHERE held.roleid = role.oid AND held.member = login.oid AND held.grantor = us;
    IF NOT FOUND THEN
        PERFORM set_config('breakglass.answer', 'granted by somebody else just now', false);
        RETURN;
    END IF;

    now_is := extract(epoch FROM clock_timestamp()) * 1000;
    IF now_is >= begin_by THEN
        RAISE EXCEPTION USING ERRCODE = 'BG001', MESSAGE = 'too late';
    ELSIF now_is >= give_up_at THEN
        RAISE EXCEPTION USING ERRCODE = 'BG004', MESSAGE = 'the call came after its end';
    END IF;
END
$provision$
