/// Statements about who may do what. Names come from the program, the role from its settings.
enum ServingRightsQueries {
    /// Two migrators must not change the same row of the catalogue. "SHAO" and "GRNT" in ASCII.
    static let alone: SQL = "SELECT pg_advisory_xact_lock(\(Int64(0x5348_414F_4752_4E54)))"

    /// `owner`, `other`; nothing where there is no such role.
    static func kind(of role: String) -> SQL {
        """
        SELECT CASE WHEN rolsuper OR pg_has_role(oid, (SELECT relowner FROM pg_class WHERE oid = to_regclass('shao_migration')), 'MEMBER')
            THEN 'owner' ELSE 'other' END FROM pg_roles WHERE rolname = \(role)
        """
    }

    /// Every table and view of the schema on which the role was granted something.
    static func granted(to role: String) -> SQL {
        """
        SELECT c.relname::text AS name, array_agg(a.privilege_type) AS rights
        FROM pg_class c, aclexplode(c.relacl) a
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
            AND a.grantee = (SELECT oid FROM pg_roles WHERE rolname = \(role))
        GROUP BY c.relname
        """
    }

    static func revoke(_ table: String, from role: String) -> SQL {
        "REVOKE ALL ON public.\(identifier: table) FROM \(identifier: role)"
    }

    static func grant(_ rights: [TableRights.Right], on table: String, to role: String) -> SQL {
        let words = SQL(stringLiteral: rights.map(\.rawValue).joined(separator: ", "))
        return "GRANT \(words) ON public.\(identifier: table) TO \(identifier: role)"
    }

    /// The schema, and how far the numbers of its tables are.
    static func use(by role: String) -> SQL {
        """
        DO $do$ BEGIN
            GRANT USAGE ON SCHEMA public TO \(identifier: role);
            GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO \(identifier: role);
        END $do$
        """
    }

    static func execute(_ function: String, by role: String) -> SQL {
        "GRANT EXECUTE ON FUNCTION public.\(SQL(stringLiteral: function)) TO \(identifier: role)"
    }

    static let lackingSchema: SQL =
        "SELECT 'USAGE on schema public' WHERE NOT has_schema_privilege('public', 'USAGE')"

    static func lacking(_ needs: [(table: String, right: String)]) -> SQL {
        """
        SELECT u.name, u.privilege FROM unnest(\(needs.map(\.table)), \(needs.map(\.right))) AS u(name, privilege)
        JOIN pg_class c ON c.relname = u.name AND c.relnamespace = 'public'::regnamespace
        WHERE NOT has_table_privilege(c.oid, u.privilege)
        """
    }

    static func lackingFunctions(_ functions: [String]) -> SQL {
        """
        SELECT f FROM unnest(\(functions)) AS f
        WHERE to_regprocedure('public.' || f) IS NOT NULL AND NOT has_function_privilege(to_regprocedure('public.' || f), 'EXECUTE')
        """
    }

    static let isOwner: SQL = """
        SELECT pg_has_role(relowner, 'MEMBER') FROM pg_class WHERE relname = 'shao_migration' AND relnamespace = 'public'::regnamespace
        """
}
