-- Is our membership of role $1 on login $2 there, and in which other ways does the login have the role?
WITH held AS (
    -- Until 15 every membership has the rights of both options.
    SELECT members.member, members.grantor, members.admin_option,
        coalesce((to_jsonb(members) ->> 'inherit_option')::boolean, true) AS inherits,
        coalesce((to_jsonb(members) ->> 'set_option')::boolean, true) AS becomes
    FROM pg_auth_members AS members WHERE members.roleid = to_regrole(quote_ident($1))
),
login AS (
    SELECT oid, rolsuper, rolcreaterole AND current_setting('server_version_num')::int < 160000 AS takes_any
    FROM pg_roles WHERE oid = to_regrole(quote_ident($2))
)
SELECT
    EXISTS (
        SELECT FROM pg_auth_members AS ours
        WHERE ours.roleid = to_regrole(quote_ident($1)) AND ours.member = to_regrole(quote_ident($2))
        AND ours.grantor = to_regrole(quote_ident(current_user))
    ) AS ours,
    ARRAY(
        SELECT CASE WHEN rolsuper THEN 'is a superuser' ELSE 'has CREATEROLE, which can take any role' END AS how
        FROM login WHERE (rolsuper OR takes_any) AND to_regrole(quote_ident($1)) IS NOT NULL
        UNION ALL (
            SELECT 'granted by ' || coalesce(quote_ident(by.rolname), 'a role that is gone')
                || CASE WHEN inherits THEN '' WHEN becomes THEN ', by SET ROLE' ELSE ', only to grant it on' END AS how
            FROM held LEFT JOIN pg_roles AS by ON by.oid = held.grantor
            WHERE held.member = to_regrole(quote_ident($2)) AND held.grantor <> to_regrole(quote_ident(current_user))
            AND (inherits OR becomes OR admin_option)
            ORDER BY how
        )
        -- Whoever is in no other role has it through none.
        UNION ALL (
            SELECT DISTINCT 'through ' || quote_ident(between.rolname) AS how
            FROM login CROSS JOIN held JOIN pg_roles AS between ON between.oid = held.member
            WHERE EXISTS (
                SELECT FROM pg_auth_members AS other
                WHERE other.member = login.oid AND other.roleid <> to_regrole(quote_ident($1))
            )
            AND between.oid <> login.oid AND (inherits OR becomes) AND NOT login.rolsuper
            AND (pg_has_role(login.oid, between.oid, 'USAGE') OR pg_has_role(login.oid, between.oid,
                CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END))
            ORDER BY how
        )
    ) AS others
