-- Has login $2 role $1 in any way, or may it take it? Where it hasn't, there is nothing to look for.
SELECT coalesce((
    SELECT login.rolsuper OR login.rolcreaterole OR pg_has_role(login.oid, role, 'MEMBER')
    FROM to_regrole(quote_ident($1)) AS role JOIN pg_roles AS login ON login.oid = to_regrole(quote_ident($2))
    WHERE role IS NOT NULL
), false)
