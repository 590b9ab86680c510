-- How a case stands is read from its last step, so it is not kept a second time. The table itself stays while a version that
-- writes it may still run beside this one; a later migration drops it.
TRUNCATE progress;
