/* Poison: events that fail for good, found by halves; their subject is parked, its later events queue behind it, everything
   else goes on. Two rival consumers, an operator who replays, a server that crashes and undoes what was not flushed. Whether
   an event fails may change at any time: somebody repairs, a new version breaks.

   Promised: an event up to the cursor has either taken effect or is parked, never both, never neither; a subject's events
   take effect in order; what is parked is listed under its subject; not more subjects are parked than the ceiling allows;
   everything else goes on. */

#define N 3
#define CEILING 1
#define set(x) (1 << (x))
#define subject(e) (e == 2 -> 2 : 1)     /* of the events 1, 2, 3: a set with the one subject */
#define EVENTS(s) (((s & 1) != 0 -> set(1) | set(3) : 0) | ((s & 2) != 0 -> set(2) : 0))
#define COUNT(s) ((s & 1) + (s / 2))

typedef Base { byte cursor, applied, parked, subjects }     /* inbox_cursor, effects, parked, parked_subject */
Base seen, disk;
bit incarnation;
bool cursorLock;
byte shared[3], exclusive;               /* locks on rows of parked_subject: FOR KEY SHARE by a consumer, FOR UPDATE by a replay */
byte bad;                                /* events that fail for good now */
byte changes = 1, replays = 2;

#ifdef MUTANT_NO_HOLD
#define HOLDABLE(s) true
#define TAKEABLE(s) true
#else
#define HOLDABLE(s) ((exclusive & (s)) == 0)
#define TAKEABLE(s) (((shared[1] | shared[2]) & (s)) == 0)
#endif

inline copy(to, from) {
    to.cursor = from.cursor; to.applied = from.applied; to.parked = from.parked; to.subjects = from.subjects
}

inline effect(e) {
    assert((seen.applied & set(e)) == 0);
    assert((EVENTS(subject(e)) & (set(e) - 1) & ~seen.applied) == 0);
    seen.applied = seen.applied | set(e)
}

inline check() {
    assert((seen.applied & seen.parked) == 0);
    assert((seen.applied | seen.parked) == (set(seen.cursor + 1) - 2));
    assert((seen.parked & ~EVENTS(seen.subjects)) == 0);
    assert(COUNT(seen.subjects) <= CEILING)
}

#ifdef MUTANT_MEMORY_OUTLIVES_SERVER
#define FENCED (seen.cursor != c)
#else
#define FENCED (seen.cursor != c || (seen.subjects & ~parked) != 0)
#endif
#ifdef MUTANT_RETRY_FOREVER
#define STUBBORN true
#else
#define STUBBORN false
#endif
/* Of the batch low…up. */
#define SUBJECTS ((low <= 2 && up >= 2 -> 2 : 0) | (low <= 1 || up >= 3 -> 1 : 0))

inline end() { cursorLock = false; shared[me] = 0; held = 0; work = 0; low = 0; up = 0; poison = false }
inline forget() { known = false; c = 0; parked = 0; single = false }
#define HOPELESS(e) ((bad & set(e)) != 0)

/* The transaction ends: everything as it is found now, or nothing. */
inline finish() {
    if
    :: life != incarnation -> held = 0; work = 0; low = 0; up = 0; poison = false; forget()
    :: life == incarnation && poison ->
        seen.subjects = seen.subjects | subject(low); seen.parked = seen.parked | set(low); seen.cursor = low;
        parked = parked | subject(low); c = low; single = false; check(); end()
    :: life == incarnation && !poison && (work & bad) == 0 ->
        for (e : low .. up) {
            if :: (work & set(e)) != 0 -> effect(e) :: else -> seen.parked = seen.parked | set(e) fi
        }
        e = 0; seen.cursor = up;
        parked = parked & ~(SUBJECTS & ~held); c = up; single = false; check(); end()
    :: life == incarnation && !poison && (work & bad) != 0 && low < up -> single = true; end()      /* by halves */
    :: life == incarnation && !poison && (work & bad) != 0 && low == up ->
#if defined(MUTANT_SWALLOW)
        seen.cursor = up; c = up; check(); end()
#elif defined(MUTANT_RETRY_FOREVER)
        end(); halted = true
#else
        if
#ifndef MUTANT_NO_CEILING
        :: COUNT(parked) >= CEILING -> end(); forget(); halted = true
#endif
        :: else -> cursorLock = false; shared[me] = 0; held = 0; work = 0; poison = true
        fi
#endif
    fi
}

proctype Consumer(byte me) {
    byte c, parked, low, up, held, work, e;         /* parked: subjects believed to be so */
    bool known, poison, single, halted;
    bit life;
    do
    :: d_step { up == 0 && (!known || seen.cursor != c || (seen.subjects & ~parked) != 0) && !halted ->
        c = seen.cursor; parked = seen.subjects; life = incarnation; known = true }
    :: d_step { up == 0 && known && seen.cursor == c && c < N && !halted ->
        low = c + 1; up = (single || c + 2 > N -> c + 1 : c + 2) }
    /* Tried again from time to time; here: when something is different. */
    :: d_step { halted && ((COUNT(seen.subjects) < CEILING && !STUBBORN) || seen.cursor == N || !HOPELESS(seen.cursor + 1)) ->
        halted = false }
    :: d_step { up != 0 && !cursorLock && FENCED -> low = 0; up = 0; poison = false; forget() }
    /* The transaction begins: the cursor's row, then the rows of subjects believed to be parked. */
    :: d_step { up != 0 && !cursorLock && !FENCED && (poison || HOLDABLE(parked & SUBJECTS)) ->
        cursorLock = true; life = incarnation;
#ifndef MUTANT_KEY_UNBLOCKED
        if :: !poison -> held = seen.subjects & parked & SUBJECTS :: else fi;
#endif
#ifndef MUTANT_NO_HOLD
        shared[me] = held;
#endif
        work = EVENTS(SUBJECTS & ~held) & (set(up + 1) - set(low)) }
       d_step { finish() }
    od
}

/* POST /internal/parked/replay: all of the subject's events in order, in one transaction; failing again changes nothing. */
proctype Operator() {
    byte s, events, e;
    bit life;
    do
    :: atomic {
        replays > 0 && seen.subjects != 0 && exclusive == 0 ->
        replays--;
        if :: (seen.subjects & 1) != 0 -> s = 1 :: (seen.subjects & 2) != 0 -> s = 2 fi;
        life = incarnation }
       if
       :: d_step { life != incarnation -> skip }
       :: d_step { life == incarnation && TAKEABLE(s) -> exclusive = s }
          d_step { if :: life == incarnation -> events = seen.parked & EVENTS(s) :: else fi }
          d_step {
            if
            :: life == incarnation && (events & bad) == 0 && (seen.subjects & s) != 0 ->
                for (e : 1 .. N) { if :: (events & set(e)) != 0 -> effect(e) :: else fi }
                e = 0;
                seen.parked = seen.parked & ~EVENTS(s); seen.subjects = seen.subjects & ~s;
                check(); copy(disk, seen)                       /* an operator is answered: synchronous */
            :: else
            fi;
            if :: life == incarnation -> exclusive = 0 :: else fi }
       fi;
       d_step { s = 0; events = 0; life = 0 }
    :: replays == 0 || changes == 0 -> break                    /* or nobody replays any more */
    od
}

proctype Changes() {
    byte e;
    do
    :: atomic { changes > 0 -> changes--; select(e : 1 .. N); bad = bad ^ set(e); e = 0 }
    :: break
    od
}

proctype Crash() {
    if
    :: d_step { copy(seen, disk); incarnation = 1 - incarnation; cursorLock = false; shared[1] = 0; shared[2] = 0; exclusive = 0 }
    :: skip
    fi
}

proctype LogWriter() {
    do
    :: d_step { disk.cursor != seen.cursor || disk.applied != seen.applied || disk.parked != seen.parked -> copy(disk, seen) }
    od
}

#define at_end (seen.cursor == N || (COUNT(seen.subjects) == CEILING && HOPELESS(seen.cursor + 1)))
proctype Rest() { timeout -> assert(at_end) }

init {
    atomic {
        select(bad : 0 .. 7); bad = bad * 2;
        run Consumer(1); run Consumer(2); run Operator(); run Changes(); run Crash(); run LogWriter(); run Rest()
    }
}

ltl settled { <>[] at_end }
