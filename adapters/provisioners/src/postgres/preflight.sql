-- Why role $1 could not be granted to login $2 now; null, if nothing stands in the way.
SELECT CASE
    WHEN pg_is_in_recovery() THEN 'a standby, which takes no changes'
    WHEN role.oid IS NULL THEN format('there is no role %I', $1::text)
    WHEN login.oid IS NULL THEN format('there is no login %I', $2::text)
    WHEN NOT login.rolcanlogin THEN format('%I is a role that nobody can log in as', $2::text)
    WHEN NOT EXISTS (
        SELECT FROM pg_auth_members AS held
        WHERE held.roleid = role.oid AND held.member = us.oid AND held.admin_option
    ) AND NOT us.rolsuper THEN format('%I may not grant %I', us.rolname, $1::text)
    WHEN NOT pg_has_role('pg_signal_backend', 'USAGE') THEN 'open sessions could not be ended afterwards'
END
FROM pg_roles AS us
LEFT JOIN pg_roles AS role ON role.rolname = $1
LEFT JOIN pg_roles AS login ON login.rolname = $2
WHERE us.rolname = current_user
