-- Is our membership of role $1 on login $2 there, and in which other ways does the login have the role?
WITH us AS (SELECT oid FROM pg_roles WHERE rolname = current_user),
role AS (SELECT oid FROM pg_roles WHERE rolname = $1),
login AS (SELECT * FROM pg_roles WHERE rolname = $2),
-- Until 15 every membership has the rights of both options.
held AS (
    SELECT members.member, members.grantor, members.admin_option,
        coalesce((to_jsonb(members) ->> 'inherit_option')::boolean, true) AS inherits,
        coalesce((to_jsonb(members) ->> 'set_option')::boolean, true) AS becomes
    FROM pg_auth_members AS members JOIN role ON role.oid = members.roleid
),
direct AS (
    SELECT 'granted by ' || coalesce(quote_ident(by.rolname), 'a role that is gone')
        || CASE WHEN inherits THEN '' WHEN becomes THEN ', by SET ROLE' ELSE ', only to grant it on' END AS how
    FROM held JOIN login ON login.oid = held.member LEFT JOIN pg_roles AS by ON by.oid = held.grantor
    WHERE held.grantor <> (SELECT oid FROM us) AND (inherits OR becomes OR admin_option)
),
indirect AS (
    SELECT DISTINCT 'through ' || quote_ident(between.rolname) AS how
    FROM held JOIN pg_roles AS between ON between.oid = held.member CROSS JOIN login
    WHERE between.oid <> login.oid AND (inherits OR becomes) AND NOT login.rolsuper
    AND (pg_has_role(login.oid, between.oid, 'USAGE') OR pg_has_role(login.oid, between.oid,
        CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END))
),
by_attribute AS (
    SELECT 'is a superuser' AS how FROM login CROSS JOIN role WHERE login.rolsuper
    UNION ALL
    SELECT 'has CREATEROLE, which can take any role' FROM login CROSS JOIN role
    WHERE login.rolcreaterole AND NOT login.rolsuper AND current_setting('server_version_num')::int < 160000
)
SELECT
    EXISTS (SELECT FROM held JOIN login ON login.oid = held.member JOIN us ON us.oid = held.grantor) AS ours,
    ARRAY(
        SELECT how FROM by_attribute
        UNION ALL (SELECT how FROM direct ORDER BY how)
        UNION ALL (SELECT how FROM indirect ORDER BY how)
    ) AS others
