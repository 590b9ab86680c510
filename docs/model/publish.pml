/* Publish: two publishers, of which one may sleep through the other's lead and go on as a zombie; a broker that acknowledges
   or not, stores or not, loses an acknowledged tail, comes back empty as another cluster. No lock is modelled: the lead saves
   traffic, nothing rests on it.

   Promised: when faults end, the log alone brings every event: read from its beginning by the consumers' rule (exactly the
   next one) it comes to the stream's head. One exception, which the consumers' pull heals and not Kafka: a tail was lost, and
   another publisher wrote over the place before anyone had looked. */

#define N 3
#define L 9                              /* offsets there can be */

byte head;                               /* of the stream */
byte log[L], end, cluster = 1;           /* offset → seq */
byte refusals = 1, kills = 1, turns = 1, losses = 1;
bool overwritten;

/* publisher_place with publisher_state's cluster and lead. It may lag. */
byte savedSeq, savedNext, savedCluster, lead;

byte nextOf[3], clusterOf[3];            /* of each publisher's memory; for the exception above */
#define LOST(p) (clusterOf[p] == cluster && nextOf[p] > end)

inline append(s) {
    if :: LOST(3 - me) || (savedCluster == cluster && savedNext > end && !LOST(me)) -> overwritten = true :: else fi;
    log[end] = s; end++
}

proctype Publisher(byte me) {
    byte acked, sent, firstBad, at;
#define next nextOf[me]
#define known clusterOf[me]
    bool leading;
    do
    :: atomic { !leading && end < L && (lead == 0 || lead == me || turns > 0) ->      /* a new producer, the saved place */
        if :: lead != 0 && lead != me -> turns-- :: else fi;
        lead = me; leading = true; acked = savedSeq; next = savedNext; known = savedCluster }
    :: atomic { leading && kills > 0 -> kills--; leading = false; acked = 0; next = 0; known = 0 }
#ifndef MUTANT_CLUSTER_UNCHECKED
    :: d_step { leading && known != cluster -> acked = 0; next = 0; known = cluster;            /* from the beginning */
        if :: lead == me -> savedSeq = 0; savedNext = 0; savedCluster = cluster :: else fi }
#endif
#ifndef MUTANT_END_UNCHECKED
    :: d_step { leading && known == cluster && end < next ->                                    /* so many again */
        acked = (acked > next - end -> acked - (next - end) : 0); next = end;
        if :: lead == me -> savedSeq = acked; savedNext = next :: else fi }
#endif
    :: d_step { leading && lead == me && savedSeq < acked && known == savedCluster -> savedSeq = acked; savedNext = next }
    :: leading && acked < head && end < L ->
       sent = acked; firstBad = 0; at = L;
       do                                /* a batch of two: each is stored or not, acknowledged or not */
       :: atomic { sent < acked + 2 && sent < head && end < L ->
            sent++;
            if
            :: if :: at == L -> at = end :: else fi; append(sent)
            :: refusals > 0 -> refusals--; if :: firstBad == 0 -> firstBad = sent :: else fi
            :: refusals > 0 -> refusals--; append(sent); if :: firstBad == 0 -> firstBad = sent :: else fi
            fi }
       :: atomic { sent == head || sent == acked + 2 || end == L ->
            if
#if defined(MUTANT_DROP_FAILURE)
            :: true -> acked = sent; next = end
#elif defined(MUTANT_ACK_PAST_HOLE)
            :: firstBad != 0 && firstBad < sent -> acked = sent; next = end
            :: firstBad == sent -> leading = false
            :: firstBad == 0 -> acked = sent; next = end
#else
            :: firstBad != 0 -> leading = false                 /* the next session begins at the saved place */
            :: firstBad == 0 && at >= next -> acked = sent; next = at + sent - acked
            :: firstBad == 0 && at < next -> acked = (acked > next - at -> acked - (next - at) : 0); next = at
#endif
            fi;
            sent = 0; firstBad = 0; at = 0; break }
       od
    od
}
