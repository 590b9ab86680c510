/* Apply: two consumers of one service, rivals for one partition, over one database whose commits do not wait for the disk.

   Kafka is the worst that it can be: at every read it brings any record the owner ever sequenced, or one that somebody
   forged, or nothing; so it may lose, repeat, reorder, be wiped, and never bring anything. That covers every publisher.

   Promised: every event takes effect once, in order, and no other does; when faults end, every event takes effect, even if
   Kafka never brings one. */

#ifdef LIVE
#define N 2                              /* events */
#else
#define N 3
#endif

byte head;                               /* of the owner's stream */
bool silent;                             /* the owner does not answer over HTTP */

/* inbox_cursor and the effects, as others see them and as the disk has them; effect: the last event that took effect. */
typedef Base { byte cursor, effect }
Base seen, disk;
byte kills = 1;                          /* of consumers */

#define all_applied (head == N && seen.cursor == N && seen.effect == N)

inline forget() { known = false; c = 0; low = 0; up = 0; forged = false }

inline take_effects() {
    assert(!forged);                     /* nothing that the owner did not write */
    do
    :: low <= up -> assert(low == seen.effect + 1); seen.effect = low; low++     /* once, and in order */
    :: else -> break
    od;
    c = up; low = 0; up = 0
}

/* One transaction: the cursor moves from c to up by compare-and-set, and low…up take effect. */
#ifdef MUTANT_NO_CURSOR_CAS
#define FENCED false
#else
#define FENCED (seen.cursor != c)
#endif
inline commit() {
    if
    :: d_step { FENCED -> forget() }
#ifdef MUTANT_CURSOR_OUTSIDE
    :: d_step { !FENCED -> seen.cursor = up }
       if :: d_step { kills > 0 -> kills--; forget() } :: d_step { take_effects() } fi
#else
    :: d_step { !FENCED -> seen.cursor = up; take_effects() }
#endif
    fi
}

/* SortedBatch: what comes next is taken, what is there already dropped, the rest is for the owner to say. */
inline sort(s) {
    if
#if defined(MUTANT_DEDUP_BY_OFFSET)
    :: s != 0 && !forged -> low = s; up = s         /* a repeated record has an offset of its own */
#elif defined(MUTANT_NO_DEDUP)
    :: s != 0 && s <= c && pulled && !forged -> low = s; up = s     /* Kafka goes on where it had stopped */
#elif defined(MUTANT_SKIP_ON_GAP)
    :: s > c && !forged -> low = s; up = s
#elif defined(MUTANT_HASH_UNCHECKED)
    :: s == c + 1 && forged -> low = s; up = s
#endif
    :: s == c + 1 && !forged -> low = s; up = s
    :: s > c + 1 || (forged && s >= c) -> doubt = true
    :: s <= c && !(forged && s == c) -> skip
    fi
}

proctype Consumer() {
    byte c;                              /* ConsumerMemory: the cursor, as far as it is known */
    bool known, doubt, forged, pulled;
    byte low, up, s, wait;
    do
    :: d_step { !known -> c = seen.cursor; known = true }
    :: d_step { known && kills > 0 -> kills--; forget(); wait = 0; pulled = false }
    :: known ->
       atomic {                          /* a batch */
        if
        :: s = 0
        :: head > 0 -> select(s : 1 .. head)
#ifndef LIVE
        :: select(s : 1 .. N + 1); forged = true
#endif
        fi;
        sort(s);
        if
        :: up != 0 && up == s && s < head && !forged -> up++        /* and the one after it */
        :: true
        fi;
        s = 0; if :: up == 0 -> forged = false :: else fi }
       if :: up != 0 -> commit() :: else fi;
       /* A doubt, or an owner ahead of a cursor that has not moved since the last look: pull, page by page. */
#ifndef MUTANT_NO_LOOK
       d_step {
#ifndef MUTANT_NO_RECALL
        c = seen.cursor; known = true;   /* a crash of the server may have undone an asynchronous commit */
#endif
        if
        :: known && head > c && wait == c + 1 -> doubt = true; wait = 0
        :: known && head > c && wait != c + 1 -> wait = c + 1
        :: !known || head <= c -> wait = 0
        fi }
#endif
       do
       :: atomic { doubt && known && !silent && head > c -> low = c + 1; up = (head > c + 2 -> c + 2 : head); pulled = true }
          commit()
       :: atomic { !doubt || !known || silent || head <= c -> doubt = false; break }
       od
    od
}

proctype Owner() {
    do
    :: head < N -> head++
    :: head == N -> break
    od
}

/* Faults, each of which ends. */
proctype Faults() {
    if :: silent = true; silent = false :: skip fi;
    if
    :: d_step { seen.cursor = disk.cursor; seen.effect = disk.effect }
    :: skip
    fi
}

proctype LogWriter() {
    do
    :: d_step { disk.cursor != seen.cursor || disk.effect != seen.effect -> disk.cursor = seen.cursor; disk.effect = seen.effect }
    od
}

init { atomic { run Owner(); run Consumer(); run Consumer(); run Faults(); run LogWriter() } }

ltl applied { <>[] all_applied }
