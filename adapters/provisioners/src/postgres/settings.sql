-- What our blocks read: role $1, login $2, and the instant (epoch, ms) from which nothing is begun any more: $3, but at
-- most $4 ms from now. $5 names the session for the server's own log.
SELECT
    set_config('breakglass.entitlement', $1, false),
    set_config('breakglass.account', $2, false),
    set_config('breakglass.begin_by', $3::bigint::text, false),
    set_config('breakglass.give_up_at', (trunc(extract(epoch FROM clock_timestamp()) * 1000) + $4::bigint)::text, false),
    set_config('breakglass.answer', '', false),
    set_config('application_name', $5, false)
