#if defined(SEQUENCE) || defined(CRASH) || defined(RESTORE)
#include "sequence.pml"
#endif
#if defined(APPLY)
#include "apply.pml"
#endif
#if defined(PARKING)
#include "parking.pml"
#endif
#if defined(DIVERGE)
#include "diverge.pml"
#endif
