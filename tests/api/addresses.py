"""Each address of the API: what the person must be allowed, what the token must reach. New ones are added by hand."""

INCIDENTS = {
    "/incidents": "see_own",
    "/follow-ups": "see_own",
    "/open": "see_all",
    "/views": "see_all",
    "/incidents/{reference}": "see_own",
    "/incidents/{reference}/trail": "see_own",
    "/incidents/{reference}/evidence": "see_own",
    "/incidents/{reference}/conversation": "see_all",
    "/incidents/{reference}/story": "see_all",
    "/incidents/{reference}/review": "see_all",
}
EXPORTS = {
    "/exports/incidents.csv": "export",
    "/exports/incidents.json": "export",
    "/exports/incidents/{reference}": "export",
}
POLICIES = (
    "/flows",
    "/flows/{name}",
    "/flows/{name}/history",
    "/flows/{name}/versions/{version}",
    "/policies",
    "/policies/{name}",
    "/policies/{name}/clauses/{clause}",
    "/policies/{name}/history",
    "/policies/{name}/versions/{version}",
    "/policy-trail",
)
NEEDS = {
    "/openapi.json": ("none_needed", None),
    "/me": ("see_own", None),
    **{path: (may, "incidents") for path, may in INCIDENTS.items()},
    "/incidents/{reference}/evidence/{number}": ("see_own", "evidence"),
    "/insights": ("see_insights", "insights"),
    "/audit": ("see_audit", "audit"),
    **{path: (may, "exports") for path, may in EXPORTS.items()},
    **dict.fromkeys(POLICIES, ("read_policy", "policies")),
}
