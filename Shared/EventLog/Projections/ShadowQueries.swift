import Postgres

/// Statements that make, compare and exchange a projection's tables. Names of tables come from the service's own code.
enum ShadowQueries {
    // MARK: What a live table is made of, as text that runs under another search path

    /// How the table itself is to be finished: storage options, constraints, owned sequences, grants; then indexes; then
    /// foreign keys. `LIKE … INCLUDING ALL` copies no storage options and no foreign keys, and gives indexes other names.
    static func parts(of table: String, in shadow: String) -> SQL {
        """
        SELECT rank, text FROM (
            SELECT 1 AS rank, r.relname::text AS name, format('ALTER TABLE %I.%I SET (%s)', \(shadow)::text, r.relname, array_to_string(r.reloptions, ',')) AS text
            FROM pg_class r WHERE r.oid = \(table)::regclass AND r.reloptions IS NOT NULL
            UNION ALL
            SELECT CASE contype WHEN 'f' THEN 5 ELSE 1 END, conname, format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', \(shadow)::text, r.relname, conname, pg_get_constraintdef(c.oid, true))
            FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
            WHERE conrelid = \(table)::regclass AND contype IN ('p', 'u', 'x', 'f')
            UNION ALL
            SELECT CASE WHEN i.indisunique THEN 1 ELSE 4 END, x.relname, pg_get_indexdef(i.indexrelid, 0, true)
            FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
            WHERE i.indrelid = \(table)::regclass AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.conrelid = i.indrelid)
            UNION ALL
            SELECT 2 + n, s.relname, CASE n WHEN 0
                THEN format('CREATE SEQUENCE %1$I.%2$I AS %5$s OWNED BY %1$I.%3$I.%4$I', \(shadow)::text, s.relname, r.relname, a.attname, format_type(q.seqtypid, NULL))
                ELSE format('ALTER TABLE %1$I.%3$I ALTER %4$I SET DEFAULT nextval(''%1$I.%2$I'')', \(shadow)::text, s.relname, r.relname, a.attname) END
            FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_sequence q ON q.seqrelid = s.oid
                JOIN pg_class r ON r.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = d.refobjsubid,
                generate_series(0, 1) n
            WHERE d.refobjid = \(table)::regclass AND d.classid = 'pg_class'::regclass AND d.deptype = 'a'
            UNION ALL
            SELECT 6, '', format('GRANT %s ON %I.%I TO %s', g.privilege_type, \(shadow)::text, r.relname, CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END)
            FROM pg_class r, aclexplode(r.relacl) g WHERE r.oid = \(table)::regclass AND g.grantee <> r.relowner
            UNION ALL
            SELECT 7, '', format('ALTER TABLE %I.%I OWNER TO %I', \(shadow)::text, r.relname, pg_get_userbyid(r.relowner))
            FROM pg_class r WHERE r.oid = \(table)::regclass AND pg_get_userbyid(r.relowner) <> current_user
        ) p ORDER BY rank, name
        """
    }

    /// What a copy would lose, or what would be lost with the live table: for people to read. Nothing when all is well.
    static func obstacles(_ tables: [String]) -> SQL {
        """
        SELECT u.name || ' does not exist' FROM unnest(\(tables)) AS u(name) WHERE to_regclass(u.name) IS NULL
        UNION ALL
        SELECT t.relname || ' is partitioned, inherits, or has policies or rules' FROM pg_class t
        WHERE t.oid = ANY (SELECT to_regclass(n) FROM unnest(\(tables)) n)
            AND (t.relkind <> 'r' OR t.relispartition OR t.relhassubclass OR t.relrowsecurity OR t.relhasrules)
        UNION ALL
        SELECT t.tgrelid::regclass::text || ' has the trigger ' || t.tgname FROM pg_trigger t
        WHERE NOT t.tgisinternal AND t.tgrelid = ANY (SELECT to_regclass(n) FROM unnest(\(tables)) n)
        UNION ALL
        SELECT c.conrelid::regclass::text || ' refers to ' || c.confrelid::regclass::text FROM pg_constraint c
        WHERE c.contype = 'f' AND c.confrelid = ANY (SELECT to_regclass(n) FROM unnest(\(tables)) n)
            AND NOT c.conrelid = ANY (SELECT to_regclass(n) FROM unnest(\(tables)) n)
        """
    }

    // MARK: Making

    static func make(_ schema: String) -> [SQL] {
        ["DROP SCHEMA IF EXISTS \(identifier: schema) CASCADE", "CREATE SCHEMA \(identifier: schema)"]
    }

    static func drop(_ schema: String) -> SQL { "DROP SCHEMA IF EXISTS \(identifier: schema) CASCADE" }

    static func copy(_ table: String, from live: String, to shadow: String) -> SQL {
        """
        CREATE TABLE \(identifier: shadow).\(identifier: table)
            (LIKE \(identifier: live).\(identifier: table) INCLUDING ALL EXCLUDING INDEXES)
        """
    }

    /// Tables of the log that handlers and cursors write, empty: what a handler emits goes nowhere.
    static func copyLog(_ table: String, from live: String, to shadow: String) -> SQL {
        "CREATE TABLE \(identifier: shadow).\(identifier: table) (LIKE \(identifier: live).\(identifier: table) INCLUDING ALL)"
    }

    static func analyze(_ table: String, in schema: String) -> SQL { "ANALYZE \(identifier: schema).\(identifier: table)" }

    static let liveSchema: SQL = "SELECT current_schema()::text"

    static let leftovers: SQL = """
        SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'rebuild\\_%' AND pg_get_userbyid(nspowner) = current_user
        """

    static let tryLock: SQL = "SELECT pg_try_advisory_lock(\(lock))"
    /// "SHAO" and "REBU" in ASCII.
    private static let lock: Int64 = 0x5348_414F_5245_4255

    // MARK: Holding still

    /// Readers queue behind who waits for a lock on everything, so not for long; but the server asks an autovacuum to make way only
    /// after a second (`deadlock_timeout`).
    static func patience(isLong: Bool) -> SQL {
        isLong ? "SET LOCAL lock_timeout = '1500ms'" : "SET LOCAL lock_timeout = '500ms'"
    }

    /// Consumers wait at their cursors, and whoever replays or drops what is parked; readers do not.
    static func hold(_ live: String) -> SQL {
        "LOCK TABLE \(identifier: live).inbox_cursor, \(identifier: live).parked IN SHARE ROW EXCLUSIVE MODE"
    }

    static func cursors(_ schema: String, _ topics: [String]) -> SQL {
        "SELECT topic, part, seq, h, gen FROM \(identifier: schema).inbox_cursor WHERE topic = ANY(\(topics))"
    }

    /// Numbers that the live cursors have passed and whose effects the live tables do not have.
    static func absent(_ live: String, _ topics: [String]) -> SQL {
        """
        SELECT topic, part, seq FROM \(identifier: live).parked WHERE topic = ANY(\(topics))
        UNION ALL SELECT topic, part, seq FROM \(identifier: live).parked_dropped WHERE topic = ANY(\(topics))
        """
    }

    // MARK: Comparing

    /// Columns whose values are part of what a table says: not those that number rows as they come.
    static func columns(_ table: String, in schema: String) -> SQL {
        """
        SELECT attname::text FROM pg_attribute a
        WHERE attrelid = to_regclass(format('%I.%I', \(schema)::text, \(table)::text)) AND attnum > 0 AND NOT attisdropped
            AND attidentity = '' AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.deptype = 'a'
                AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum)
        ORDER BY attnum
        """
    }

    /// Rows, and one hash over the rows' hashes in their order.
    static func digest(_ table: String, in schema: String, _ columns: [String]) -> SQL {
        """
        SELECT count(*) AS rows, coalesce(md5(string_agg(h, '' ORDER BY h COLLATE "C")), '') AS digest
        FROM (SELECT md5((\(row(columns)))::text) AS h FROM \(identifier: schema).\(identifier: table)) d
        """
    }

    /// How many rows of one table the other has not.
    static func excess(of table: String, in schema: String, over other: String, _ columns: [String]) -> SQL {
        """
        SELECT count(*) FROM (SELECT \(row(columns))::text FROM \(identifier: schema).\(identifier: table)
            EXCEPT ALL SELECT \(row(columns))::text FROM \(identifier: other).\(identifier: table)) d
        """
    }

    private static func row(_ columns: [String]) -> SQL { "ROW(\(join: columns.map { "\(identifier: $0)" }))" }

    // MARK: Exchanging

    static func lockTables(_ tables: [String], in schema: String) -> SQL {
        "LOCK TABLE \(join: tables.map { "\(identifier: schema).\(identifier: $0)" }) IN ACCESS EXCLUSIVE MODE"
    }

    static func dropTables(_ tables: [String], in schema: String) -> SQL {
        "DROP TABLE \(join: tables.map { "\(identifier: schema).\(identifier: $0)" })"
    }

    static func move(_ table: String, from shadow: String, to live: String) -> SQL {
        "ALTER TABLE \(identifier: shadow).\(identifier: table) SET SCHEMA \(identifier: live)"
    }
}
