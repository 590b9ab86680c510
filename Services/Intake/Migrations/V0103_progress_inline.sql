-- A step's event is 2 to 3 KiB of JSON, written once and read by one person: compressing it cost more than storing it.
ALTER TABLE progress ALTER COLUMN snapshot SET STORAGE EXTERNAL;
ALTER TABLE progress SET (toast_tuple_target = 8160);
ALTER TABLE progress_step ALTER COLUMN event SET STORAGE EXTERNAL;
ALTER TABLE progress_step SET (toast_tuple_target = 8160);
