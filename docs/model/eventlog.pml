/* The event log (DESIGN: Kafka carries, Postgres decides), small enough that Spin goes through every schedule of it.

   One configuration at a time: spin -a -DAPPLY eventlog.pml, and so on; Tests/model-check knows all of them, and the mistakes
   (-DMUTANT_…) of which each must make its search fail. README.md says what stands for what. */

#if defined(SEQUENCE) || defined(CRASH) || defined(RESTORE)
#include "sequence.pml"
#elif defined(PUBLISH) || defined(TRUNCATE)
#include "publish.pml"
#elif defined(APPLY)
#include "apply.pml"
#elif defined(DIVERGE)
#include "diverge.pml"
#elif defined(PARKING)
#include "parking.pml"
#else
#error "name a configuration: -DSEQUENCE -DCRASH -DRESTORE -DPUBLISH -DTRUNCATE -DAPPLY -DDIVERGE -DPARKING"
#endif
