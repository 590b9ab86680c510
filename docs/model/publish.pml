/* Publish: two publishers, of which one may sleep through the other's lead and go on as a zombie; a broker that acknowledges
   or not, stores or not, comes back empty as another cluster or, with -DTRUNCATE, loses a tail that it had acknowledged. No
   lock is modelled: the lead saves traffic, nothing rests on it but what is saved.

   Promised: when faults end, the log alone brings every event: read from its beginning by the consumers' rule (exactly the
   next one) it comes to the stream's head. For a lost tail that holds as long as one publisher goes on (what it remembers is
   saved now and then) and notices before records without a receipt have filled the place. Whatever is missed otherwise,
   consumers pull from the owner (apply.pml). */

#define N 3
#define L 24                             /* offsets there can be; never used up */

byte cluster = 1;
#ifdef TRUNCATE
byte log[L], end;                        /* offset → seq */
#define PUT(s) log[end] = s; end++
#else
byte reached;                            /* by who reads from the beginning: all that matters of a log whose end is never cut */
#define PUT(s) if :: s == reached + 1 -> reached++ :: else fi
#endif
#ifdef TRUNCATE
byte refusals = 2, kills = 0, turns = 0, losses = 2;
#else
byte refusals = 2, kills = 2, turns = 2, losses = 2;
#endif
bool overwritten;                        /* a place that was lost, before anyone had looked, by a record without a receipt */

/* publisher_state and, with -DTRUNCATE, publisher_place, as saved: it may lag. `lead` is whoever took it last. */
byte lead, savedAcked, savedCluster;
#ifdef TRUNCATE
typedef Place { byte seq, next, from, to }                          /* from…to: owed */
Place saved;
#endif

#ifdef TRUNCATE
/* How far the log was whole: while something is owed, only up to before that. */
#ifdef MUTANT_OWED_FORGOTTEN
#define WHOLE (place.seq)
#else
#define WHOLE (place.to != 0 && place.from <= place.seq -> place.from - 1 : place.seq)
#endif
#define AFTER_LOSS(shown) (WHOLE + shown + 1 > place.next -> WHOLE + shown + 1 - place.next : 1)
inline owe() {
    if :: place.to == 0 || least < place.from -> place.from = least :: else fi;
    if :: most > place.to -> place.to = most :: else fi;
    least = 0; most = 0
}
/* BrokerPositions.note: a receipt below where the broker had been tells that it has lost records. */
inline note(s, offset) {
    if
    :: place.next > offset ->
        least = AFTER_LOSS(offset); most = (place.seq > 0 -> place.seq : 1); owe(); broken = true
    :: else
    fi;
    place.seq = s; place.next = offset + 1
}
inline compare() {
    if
    :: place.next > end ->
        least = AFTER_LOSS(end); most = (place.seq > 0 -> place.seq : 1); owe();
        place.seq = (place.seq + end > place.next -> place.seq + end - place.next : 0); place.next = end
    :: else
    fi
}
inline save_place() { saved.seq = place.seq; saved.next = place.next; saved.from = place.from; saved.to = place.to }
inline clear_place() { place.seq = 0; place.next = 0; place.from = 0; place.to = 0 }
#else
#define note(s, offset) skip
#define save_place() skip
#define clear_place() skip
#endif
inline produce(s) {
    refused = false;
    if
    :: note(s, end); PUT(s)
    :: refusals > 0 -> refusals--; broken = true; refused = true    /* neither stored nor acknowledged */
    :: refusals > 0 -> refusals--; broken = true; refused = true;   /* stored, and nobody says so */
#ifdef TRUNCATE
        if :: place.next > end -> overwritten = true :: else fi;
#endif
        PUT(s)
    fi
}

/* Publisher.prepare: takes the lead, a new producer, the saved place, and looks at the broker. */
inline prepare() {
    if :: lead != 0 && lead != me -> turns-- :: else fi;
#ifdef TRUNCATE
    if
    :: !kept || lead != me -> place.seq = saved.seq; place.next = saved.next; place.from = saved.from; place.to = saved.to
    :: else                              /* nobody led since: memory knows more than what was saved */
    fi;
#endif
    lead = me; leading = true; kept = true; broken = false; acked = savedAcked;
    if
#ifndef MUTANT_CLUSTER_UNCHECKED
    :: savedCluster != 0 && savedCluster != cluster && acked > 0 -> acked = 0; clear_place()
#endif
#if defined(TRUNCATE) && !defined(MUTANT_END_UNCHECKED)
    :: savedCluster == cluster && acked > 0 && place.next == 0 ->
        if :: end == 0 -> place.seq = acked; least = 1; most = acked; owe() :: else -> place.seq = acked; place.next = end fi
    :: savedCluster == cluster && place.next != 0 ->
        if                               /* BrokerPositions.catchUp: each record since took an offset at least */
        :: place.to == 0 && acked > place.seq -> place.next = place.next + acked - place.seq; place.seq = acked
        :: else
        fi;
        compare()
#endif
    :: else
    fi;
    known = cluster; savedAcked = acked; savedCluster = cluster; save_place()
}

proctype Publisher(byte me) {
    byte acked, sent, known;
    bool leading, kept, broken, refused;
#ifdef TRUNCATE
    byte least, most;
    Place place;
#endif
    do
    :: d_step { !leading && (lead == 0 || lead == me || turns > 0) -> prepare() }
    :: d_step { leading && kills > 0 -> kills--; leading = false; kept = false; acked = 0; known = 0; clear_place() }
    /* Publisher.watch */
#ifndef MUTANT_CLUSTER_UNCHECKED
    :: d_step { leading && known != cluster -> leading = false }
#endif
#if defined(TRUNCATE) && !defined(MUTANT_END_UNCHECKED)
    :: d_step { leading && known == cluster && place.next > end -> compare(); leading = false }
#endif
    :: d_step { leading && lead == me && savedAcked != acked -> savedAcked = acked }
#ifdef TRUNCATE
    :: d_step { leading && lead == me && (saved.seq != place.seq || saved.next != place.next) -> save_place() }
    /* What is owed first, then what is new. */
    :: atomic { leading && place.to != 0 ->
        sent = place.from; produce(sent);
        if
        :: broken -> leading = false
        :: !broken -> if :: sent >= place.to -> place.from = 0; place.to = 0 :: else -> place.from = sent + 1 fi
        fi;
        sent = 0 }
#define OWED (place.to != 0)
#else
#define OWED false
#endif
    :: atomic { leading && !OWED && acked < N -> sent = acked }
       do                                /* a batch of two */
       :: atomic { sent < acked + 2 && sent < N -> sent++; produce(sent) }
       :: d_step { sent == N || sent == acked + 2 ->
#if defined(MUTANT_DROP_FAILURE)
            acked = sent; broken = false;
#elif defined(MUTANT_ACK_PAST_HOLE)
            if
            :: broken && !refused -> acked = sent; broken = false
            :: broken && refused -> leading = false
            :: else -> acked = sent
            fi;
#else
            if
            :: broken -> leading = false                            /* the next one begins at the first unacknowledged */
            :: !broken -> acked = sent
            fi;
#endif
            sent = 0; refused = false; broken = false }
          break
       od
    od
}

proctype Broker() {
    do
#ifdef TRUNCATE
    :: atomic { losses > 0 && end > 0 -> losses--; end--; log[end] = 0; if :: end > 0 -> end--; log[end] = 0 :: true fi }
#else
    :: d_step { losses > 0 -> losses--; cluster++; reached = 0 }
#endif
    :: break
    od
}

proctype Rest() {
#ifdef TRUNCATE
    byte i, reached;
#endif
    atomic {
        timeout;
#ifdef TRUNCATE
        assert(end < L - 1);
        do
        :: i < end && log[i] == reached + 1 -> reached++; i++
        :: i < end && log[i] != reached + 1 -> i++
        :: i >= end -> break
        od;
#endif
        assert(reached == N || overwritten) }
}

init { atomic { run Publisher(1); run Publisher(2); run Broker(); run Rest() } }
