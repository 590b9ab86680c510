/* Restore with a lost tail: the owner's database comes back from a backup, or a standby that had not received everything takes
   over; its numbers are given out again, to other events. Kafka still holds both histories and brings any record of either,
   or a forged one, or nothing. A consumer may have applied what the owner has lost.

   A record is (seq, history). Up to the fork both histories are one; the running hash of a record fits exactly one
   predecessor, so it is modelled by the history's number.

   Promised: effects always form one history; a consumer whose history is not the owner's is halted, never silently wrong;
   nobody is halted whose history is the owner's; when faults end, everyone is equal or halted. */

#define N 4
#define OLD 0
#define NEW 1
#define FORGED 2

byte head, fork;
bool restored, silent;
byte kafka[N + 2];                       /* which histories of a number were ever produced: bits */

#define HISTORY(s) (restored && s > fork -> NEW : OLD)              /* of the owner's record s */
#define BEFORE(s, h) (h == NEW && s <= fork + 1 -> OLD : h)         /* the history that its hash continues */
#define FORKED (restored && cursor > fork)
#define EQUAL (cursor == 0 || (cursor <= head && ((FORKED && hash == NEW) || (!FORKED && hash == OLD))))

byte cursor, hash;                       /* inbox_cursor: seq, and h by the number of its history */
bool halted;
#define told (halted || (head == N && cursor == N && EQUAL))

inline halt() {
#ifndef MUTANT_H_UNCHECKED
    assert(!EQUAL);                      /* nobody is halted whose history is the owner's */
#endif
    halted = true
}

inline take(s, h) {
    assert(h != FORGED);
    assert(s == cursor + 1 && BEFORE(s, h) == hash);                /* one history */
    cursor = s; hash = h
}

#ifdef MUTANT_H_UNCHECKED
#define FITS(s, h) (h != FORGED)
#define SAME(s, h) true
#else
#define FITS(s, h) (h != FORGED && BEFORE(s, h) == hash)
#define SAME(s, h) (h == hash)
#endif

proctype Consumer() {
    byte s, h, wait;
    bool doubt;
    do
    :: !halted ->
       atomic {                          /* what Kafka brings; Cursor.classify */
        if
        :: s = 0
        :: select(s : 1 .. N + 1); h = FORGED
        :: select(s : 1 .. N); if :: kafka[s] & 1 -> h = OLD :: kafka[s] & 2 -> h = NEW :: kafka[s] == 0 -> s = 0 fi
        fi;
        if
        :: s == 0 || s < cursor || (s == cursor && SAME(s, h))
        :: s > cursor + 1 -> doubt = true
        :: s != 0 && s == cursor && !SAME(s, h) -> doubt = true
        :: s == cursor + 1 && FITS(s, h) -> take(s, h)
        :: s == cursor + 1 && !FITS(s, h) -> doubt = true
        fi;
        s = 0; h = 0;
#ifdef MUTANT_HALT_UNASKED
        if :: doubt -> halt() :: else fi
#endif
       }
       d_step {                          /* a look at the owner's head */
        if
        :: silent || head <= cursor -> wait = 0
        :: !silent && head > cursor && wait == cursor + 1 -> doubt = true; wait = 0
        :: !silent && head > cursor && wait != cursor + 1 -> wait = cursor + 1
        fi }
       d_step {                          /* StreamConsumer.pull and OwnerPage: the owner's records from the cursor on */
        if
        :: doubt && !silent ->
            if
            :: cursor > head -> halt()
            :: cursor <= head && cursor != 0 && !SAME(cursor, HISTORY(cursor)) -> halt()
            :: else ->
                do
                :: cursor < head -> h = HISTORY(cursor + 1); s = cursor + 1; take(s, h)
                :: else -> break
                od
            fi
        :: else
        fi;
        doubt = false; s = 0; h = 0 }
       d_step {                          /* the auditor: the cursor against the owner's stream */
#ifndef MUTANT_NO_AUDIT
        if
        :: !silent && cursor != 0 && (cursor > head || !SAME(cursor, HISTORY(cursor))) -> halt()
        :: else
        fi
#else
        skip
#endif
       }
    :: halted -> break
    od
}

proctype Owner() {
    do
    :: d_step { head < N -> head++; kafka[head] = kafka[head] | (HISTORY(head) + 1) }
    :: atomic { !restored -> select(fork : 0 .. head); head = fork; restored = true }
    :: head == N -> break
    od
}

proctype Faults() { if :: silent = true; silent = false :: skip fi }

init { atomic { run Owner(); run Consumer(); run Faults() } }

ltl never_silent { <>[] told }
