/* Emit and sequence: transactions that commit in another order than they take ids and xids, a Postgres that may crash and
   lose what was not flushed (or, with -DRESTORE, be restored elsewhere, where xids begin anew), two sequencers that may
   crash at any step.

   Promised: every committed event gets exactly one number; numbers are dense; a subject's versions rise by one along them;
   a number that anyone has seen never means another event; what a person was answered survives; a transaction that stays
   open for ever holds back nobody else. */

#if defined(SEQUENCE)
#define KILLS 1                          /* of sequencers */
#else
#define KILLS 0
#define DISK                             /* what is flushed differs from what is visible */
#endif
#define IDS 3                            /* rows there can be: of writers at their first or, after a crash, second try */
#define PAGE 2
#ifdef SEQUENCE
#define OTHER_SUBJECT 1
#else
#define OTHER_SUBJECT 0
#endif
#define set(x) (1 << (x))

/* Postgres. An xid is running until others may see how it ended; its commit record is in the log before that. */
#define OLDEST 1                         /* the number before the first */
byte nextXid = OLDEST + 1, running, commits, aborts, diskCommits, diskAborts;
byte nextId = 1;
typedef Row { byte xid; bit subject; byte version; bool old }
Row rows[IDS + 1];                       /* outbox; old: came with a restore */
bool locked[2];                          /* the aggregate's row, per subject */
byte epoch;                              /* connections of an earlier one are broken */
byte server = 1;                         /* the system identifier */
byte answered;                           /* ids whose transaction was answered to a person */

/* sequencer_state with stream_head: as others see it, as the log has it, as the disk has it. tmax == 0: no target. */
typedef Place { byte version, xmax, xip, tmax, tip, after, head, server; bool recovering }
Place seen, wal, disk;
byte stream[IDS + 2];                    /* seq → id */
bool stateLock;                          /* of the row that the compare-and-set is on */
byte published[IDS + 2];                 /* what the world has seen under a number */
byte kills = KILLS;
#ifdef MUTANT_CLOCK_LEASE
byte lease;                              /* who believes to be the only one; a clock may hand it on at any time */
#endif

inline copy(to, from) {
    to.version = from.version; to.xmax = from.xmax; to.xip = from.xip; to.tmax = from.tmax;
    to.tip = from.tip; to.after = from.after; to.head = from.head; to.server = from.server;
    to.recovering = from.recovering
}
inline flush() {
#ifdef DISK
    diskCommits = commits; diskAborts = aborts; copy(disk, wal)
#else
    skip
#endif
}

#define VISIBLE(i) (rows[i].xid != 0 && (rows[i].old || ((commits & ~running) & set(rows[i].xid)) != 0))
#define NUMBERED(i) (stream[1] == i || stream[2] == i || stream[3] == i)
#define DONE(i) (!VISIBLE(i) || NUMBERED(i))
#define all_sequenced (DONE(1) && DONE(2) && DONE(3) && seen.head == wal.head)

/* An aggregate's transaction: an xid first (it may write elsewhere before), then the aggregate's lock, its version, the id. */
proctype Writer(bit subject) {
    byte x, id, e, i;
begin:
    atomic { nextXid <= IDS + 1 && nextId <= IDS -> x = nextXid; nextXid++; running = running | set(x); e = epoch }
    if
    :: atomic { e != epoch -> goto begin }
    :: d_step {
        e == epoch && !locked[subject] && nextId <= IDS ->
        locked[subject] = true;
#ifdef MUTANT_ID_CACHE
        id = _pid;                       /* of a range that this session had drawn before */
#else
        id = nextId;
#endif
        nextId++;
        rows[id].version = 1;
        for (i : 1 .. IDS) { if :: VISIBLE(i) && rows[i].subject == subject -> rows[id].version++ :: else fi }
        i = 0;
        rows[id].subject = subject; rows[id].xid = x }
    fi;
    if
    :: atomic { e != epoch -> goto begin }
    :: atomic { e == epoch -> rows[id].xid = 0; aborts = aborts | set(x); goto ended }
    :: atomic { e == epoch -> goto gone }           /* stays open for ever */
    :: atomic { e == epoch -> commits = commits | set(x) }
    fi;
    if
    :: atomic { e != epoch -> goto gone }           /* nobody was answered: it may have happened or not */
    :: atomic { e == epoch -> flush(); answered = answered | set(id) }
#ifdef DISK
    :: atomic { e == epoch -> skip }                /* an asynchronous commit */
#endif
    fi;
ended:
    atomic { if :: e == epoch -> running = running & ~set(x); locked[subject] = false :: else fi };
gone:
    atomic { x = 0; id = 0; e = 0 }
}

#define PAST(i) (rows[i].xid >= m.xmax || (m.xip & set(rows[i].xid)) != 0)
#define TARGETED(i) (m.tmax == 0 || (rows[i].xid < m.tmax && (m.tip & set(rows[i].xid)) == 0))
#define DIFFERENCE(i) (VISIBLE(i) && PAST(i) && TARGETED(i) && i > m.after)
#if defined(MUTANT_ID_CURSOR)
#define WINDOW(i) (VISIBLE(i) && i > m.after)
#elif defined(MUTANT_XMIN_HORIZON)
#define XMIN ((running & 4) -> 2 : ((running & 8) -> 3 : ((running & 16) -> 4 : nextXid)))
#define WINDOW(i) (DIFFERENCE(i) && rows[i].xid < XMIN)
#elif defined(RESTORE)
#define WINDOW(i) (m.recovering -> (VISIBLE(i) && TARGETED(i) && i > m.after && !NUMBERED(i)) : DIFFERENCE(i))
#else
#define WINDOW(i) DIFFERENCE(i)
#endif

/* One statement, one snapshot. */
inline take_snapshot() {
#ifdef MUTANT_XMIN_HORIZON
    xmax = XMIN; xip = 0
#else
    xmax = nextXid; xip = running
#endif
}
inline read_window() {
    for (i : 1 .. IDS) { if :: n < PAGE && WINDOW(i) -> r[n] = i; n++ :: else fi }
    i = 0
#ifdef MUTANT_XID_ORDER
    ; if :: n == 2 && rows[r[0]].xid > rows[r[1]].xid -> i = r[0]; r[0] = r[1]; r[1] = i; i = 0 :: else fi
#endif
}

/* SequencerMemory.advance: numbers for the page; the window's snapshot becomes the past with its last page. */
inline number() {
    for (k : 0 .. PAGE - 1) {
        if
        :: k < n ->
            assert(VISIBLE(r[k]));                  /* an event that was committed and is not lost */
            assert(!NUMBERED(r[k]));                /* exactly one number */
            m.head++;
            assert(stream[m.head] == 0);            /* one event per number */
            v = 1;
            for (i : 1 .. IDS) {
                if :: i < m.head && stream[i] != 0 && rows[stream[i]].subject == rows[r[k]].subject -> v++ :: else fi
            }
            assert(v == rows[r[k]].version);        /* in the order within the subject */
            stream[m.head] = r[k];
            m.after = (r[k] > m.after -> r[k] : m.after)
        :: else
        fi
    }
    m.version++;
    if
#if defined(MUTANT_ID_CURSOR)
    :: m.version > 0                                /* the last id is all that is kept */
#else
    :: n == PAGE -> if :: m.tmax == 0 -> m.tmax = xmax; m.tip = xip :: else fi
    :: n < PAGE ->
        if :: m.tmax == 0 -> m.xmax = xmax; m.xip = xip :: else -> m.xmax = m.tmax; m.xip = m.tip fi;
        m.tmax = 0; m.tip = 0; m.after = 0; m.recovering = false
#endif
    fi;
    copy(wal, m);
    i = 0; k = 0; v = 0; n = 0; r[0] = 0; r[1] = 0; xmax = 0; xip = 0
}

inline forget() { have = false; m.version = 0; m.xmax = 0; m.xip = 0; m.tmax = 0; m.tip = 0; m.after = 0; m.head = 0;
    m.server = 0; m.recovering = false; e = 0; n = 0; r[0] = 0; r[1] = 0; xmax = 0; xip = 0 }

#if defined(MUTANT_NO_CAS) || defined(MUTANT_CLOCK_LEASE)
#define FENCED false
#else
#define FENCED (seen.version != m.version)
#endif

#ifdef MUTANT_STANDBY
/* A replica that has replayed what was flushed: its snapshot may be older than the last window's. */
#define ON_STANDBY(i) (rows[i].xid != 0 && (diskCommits & set(rows[i].xid)) != 0)
inline standby() {
    xmax = OLDEST + 1;
    for (i : OLDEST + 1 .. IDS + 1) { if :: ((diskCommits | diskAborts) & set(i)) != 0 -> xmax = i + 1 :: else fi }
    for (i : OLDEST + 1 .. IDS + 1) { if :: i < xmax && ((diskCommits | diskAborts) & set(i)) == 0 -> xip = xip | set(i) :: else fi }
    for (i : 1 .. IDS) { if :: n < PAGE && WINDOW(i) && ON_STANDBY(i) -> r[n] = i; n++ :: else fi }
    i = 0
}
#endif

#ifdef RESTORE
/* A restored server: its snapshots know nothing of the old one's. The first window is what this snapshot sees and has no
   number; rows whose foreign xid would look unseen to later windows get the oldest number there is. */
inline begin_generation() {
    if
    :: seen.version == m.version ->
        m.version++; m.server = server; m.recovering = true; m.xmax = OLDEST; m.xip = 0; m.after = 0;
        m.tmax = nextXid; m.tip = running;
#ifndef MUTANT_OLD_XIDS
        for (i : 1 .. IDS) {
            if
            :: VISIBLE(i) && (rows[i].xid >= m.tmax || (m.tip & set(rows[i].xid)) != 0) -> rows[i].xid = OLDEST
            :: else
            fi
        }
        i = 0;
#endif
        copy(wal, m); copy(seen, m); flush()
    :: else
    fi
}
#endif

proctype Sequencer() {
    Place m;                                        /* SequencerMemory */
    bool have;
    byte e, i, k, v, n, r[PAGE], xmax, xip;
    do
    :: d_step { !have -> copy(m, seen); m.head = 0; e = epoch; have = true }
       d_step { m.head = seen.head }                /* a statement of its own: another may have won between the two */
    :: d_step { have && (e != epoch || kills > 0) -> if :: e == epoch -> kills-- :: else fi; forget() }
#if defined(RESTORE) && !defined(MUTANT_GENERATION_UNCHECKED)
    :: d_step { have && e == epoch && m.server != server && !stateLock -> begin_generation(); forget() }
#endif
    :: atomic {
#ifdef MUTANT_CLOCK_LEASE
        lease == _pid % 2 &&
#endif
#if defined(RESTORE) && !defined(MUTANT_GENERATION_UNCHECKED)
        m.server == server &&
#endif
        have && e == epoch && (m.tmax != 0 || WINDOW(1) || WINDOW(2) || WINDOW(3)) ->
#ifdef MUTANT_STANDBY
        if :: standby() :: take_snapshot(); read_window() fi
#elif defined(MUTANT_TWO_SNAPSHOTS)
        read_window()
#else
        take_snapshot(); read_window()
#endif
       }
#ifdef MUTANT_TWO_SNAPSHOTS
       d_step { take_snapshot() }
#endif
       if
       :: d_step { e != epoch || kills > 0 -> if :: e == epoch -> kills-- :: else fi; forget() }
#ifdef MUTANT_ANY_SESSION
       :: d_step { e != epoch && !stateLock && !FENCED -> e = epoch; stateLock = true; number() }
#endif
       :: d_step { e == epoch && !stateLock && FENCED -> forget() }
       :: d_step { e == epoch && !stateLock && !FENCED -> stateLock = true; number() }
          if
          :: d_step { e != epoch -> forget() }
          :: d_step {
                e == epoch ->
#ifndef MUTANT_SEQUENCER_ASYNC
                flush();
#endif
                copy(seen, wal); stateLock = false;
                for (i : 1 .. IDS) {                /* a publisher may send it at once */
                    if
                    :: i <= seen.head && published[i] == 0 -> published[i] = stream[i]
                    :: i <= seen.head && published[i] != 0 -> assert(published[i] == stream[i])
                    :: else
                    fi
                }
                i = 0 }
          fi
       fi
    od
}

#ifdef CRASH
/* What is flushed later than committed. */
proctype LogWriter() {
end:
    do
    :: d_step { diskCommits != commits || diskAborts != aborts || disk.version != wal.version -> flush() }
    od
}

/* kill -9 of the postmaster, once or not at all. An xid that left nothing in the log may be given out again. */
proctype Crash() {
    byte i;
    if
    :: skip
    :: atomic {
        epoch++; running = 0; locked[0] = false; locked[1] = false; stateLock = false;
        commits = diskCommits; aborts = diskAborts;
        copy(wal, disk); copy(seen, disk);
        for (i : 1 .. IDS) {
            if :: i > disk.head -> stream[i] = 0 :: else fi;
            if :: rows[i].xid != 0 && (diskCommits & set(rows[i].xid)) == 0 -> rows[i].xid = 0 :: else fi;
            assert((answered & set(i)) == 0 || rows[i].xid != 0)
        }
        i = nextXid;
        do :: i > OLDEST + 1 && ((commits | aborts) & set(i - 1)) == 0 -> i-- :: else -> break od;
        if :: nextXid = i :: skip fi;
        i = 0 }
    fi
}
#endif

#ifdef RESTORE
/* pg_dump of this moment into a new cluster: rows keep the xid they were written with, new ones count from 1. */
proctype Restore() {
    byte i;
    if
    :: skip
    :: d_step {
        epoch++; server++; nextXid = OLDEST + 1; running = 0; locked[0] = false; locked[1] = false; stateLock = false;
        for (i : 1 .. IDS) {
            if :: i > seen.head -> stream[i] = 0 :: else fi;
            if :: VISIBLE(i) -> rows[i].old = true :: else -> rows[i].xid = 0 fi
        }
        commits = 0; aborts = 0; copy(wal, seen); flush();
        i = 0 }
    fi
}
#endif

proctype Rest() { timeout -> assert(all_sequenced) }

#ifdef MUTANT_CLOCK_LEASE
proctype Clock() { lease = 1 }
#endif

init {
    atomic {
        seen.xmax = OLDEST; seen.server = 1; copy(wal, seen); copy(disk, seen);
        run Writer(0); run Writer(OTHER_SUBJECT);
#if defined(SEQUENCE) && !defined(LIVE)
        run Writer(0);
#endif
        run Sequencer(); run Sequencer(); run Rest();
#if defined(SEQUENCE)
        skip;
#elif defined(RESTORE)
        run Restore();
#else
        run Crash(); run LogWriter();
#endif
#ifdef MUTANT_CLOCK_LEASE
        run Clock();
#endif
    }
}

ltl sequenced { <>[] all_sequenced }
