-- A case's document is 2 to 4 KiB of JSON, written on every step: compressing it cost more than all else in the statement.
ALTER TABLE case_file ALTER COLUMN document SET STORAGE EXTERNAL, ALTER COLUMN report SET STORAGE EXTERNAL;
ALTER TABLE case_file SET (toast_tuple_target = 8160);
