-- All memberships that we granted, and those of the roles $1 that somebody else granted, with how; not our own.
WITH us AS (SELECT oid FROM pg_roles WHERE rolname = current_user)
SELECT login.rolname::text AS account, role.rolname::text AS entitlement,
    CASE WHEN held.grantor <> us.oid THEN
        'granted by ' || coalesce(quote_ident(by.rolname), 'a role that is gone') END AS how
FROM pg_auth_members AS held CROSS JOIN us
JOIN pg_roles AS role ON role.oid = held.roleid
JOIN pg_roles AS login ON login.oid = held.member
LEFT JOIN pg_roles AS by ON by.oid = held.grantor
WHERE held.member <> us.oid AND (held.grantor = us.oid OR role.rolname = ANY ($1)
    AND (held.admin_option
        OR coalesce((to_jsonb(held) ->> 'inherit_option')::boolean, true)
        OR coalesce((to_jsonb(held) ->> 'set_option')::boolean, true)))
