CREATE TYPE area_level AS ENUM ('city', 'district', 'street', 'community', 'grid');
CREATE TYPE rule_kind AS ENUM ('categories', 'calendar', 'clocks', 'catalogue');

-- Counts changes of places, units and rules. Who changes any of them locks this row first, so that one does at a time; a replica that
-- finds another number than its own reads what has changed.
CREATE TABLE city_version (
    id boolean PRIMARY KEY CHECK (id),
    version bigint NOT NULL
);
INSERT INTO city_version VALUES (true, 0);

-- In each of these tables `version` counts the entry's events on directory.v1, and `changed` is the city's version that changed it last.
-- What was retired stays, so that what was done keeps its names.

-- City, districts, streets, communities, grids.
CREATE TABLE area (
    code text PRIMARY KEY,
    level area_level NOT NULL,
    name text NOT NULL,
    parent text REFERENCES area (code),
    -- Of a grid: latitude and longitude of each corner in turn, WGS-84.
    corners double precision[],
    version integer NOT NULL,
    changed bigint NOT NULL,
    retired boolean NOT NULL,
    CHECK ((level = 'city') = (parent IS NULL)),
    CHECK ((level = 'grid') = (corners IS NOT NULL)),
    CHECK (corners IS NULL OR (cardinality(corners) >= 6 AND cardinality(corners) % 2 = 0))
);
CREATE INDEX area_changed ON area (changed);
CREATE UNIQUE INDEX area_city ON area (level) WHERE level = 'city' AND NOT retired;

CREATE TABLE department (
    code text PRIMARY KEY,
    name text NOT NULL,
    short_name text NOT NULL,
    -- Where it belongs, and the areas that it serves.
    home text NOT NULL REFERENCES area (code),
    serves text[] NOT NULL CHECK (cardinality(serves) > 0),
    shares_topics boolean NOT NULL,
    version integer NOT NULL,
    changed bigint NOT NULL,
    retired boolean NOT NULL
);
CREATE INDEX department_changed ON department (changed);

CREATE TABLE plate (
    code text PRIMARY KEY,
    kind text NOT NULL,
    name text NOT NULL,
    lat double precision NOT NULL,
    lng double precision NOT NULL,
    grid text NOT NULL REFERENCES area (code),
    -- What can be reported with one touch: a category and a label in each place.
    chip_categories text[] NOT NULL,
    chip_labels text[] NOT NULL,
    version integer NOT NULL,
    changed bigint NOT NULL,
    retired boolean NOT NULL,
    CHECK (cardinality(chip_categories) = cardinality(chip_labels))
);
CREATE INDEX plate_changed ON plate (changed);

-- The categories of all rule sets in force, by the names that the other services know them by.
CREATE TABLE category (
    code text PRIMARY KEY,
    name text NOT NULL,
    version integer NOT NULL,
    changed bigint NOT NULL,
    retired boolean NOT NULL
);

-- A version of one kind of rules: written once, kept for ever.
CREATE TABLE rule_version (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind rule_kind NOT NULL,
    -- Of the whole, so that the same file is not kept twice.
    hash bytea NOT NULL,
    rows integer NOT NULL,
    imported_at bigint NOT NULL,
    -- What stands beside the rows: a JSON object.
    head text NOT NULL,
    UNIQUE (kind, hash)
);
-- Each row as JSON, in the form of the import.
CREATE TABLE rule_row (
    version bigint NOT NULL REFERENCES rule_version,
    ordinal integer NOT NULL,
    row text NOT NULL,
    PRIMARY KEY (version, ordinal)
);

-- Which versions are in force in an area: the one with the highest number there, else that of the nearest area above.
CREATE TABLE rule_set (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area text NOT NULL REFERENCES area (code) DEFERRABLE INITIALLY DEFERRED,
    categories bigint NOT NULL REFERENCES rule_version,
    calendar bigint NOT NULL REFERENCES rule_version,
    clocks bigint NOT NULL REFERENCES rule_version,
    catalogue bigint NOT NULL REFERENCES rule_version,
    activated_at bigint NOT NULL
);
CREATE INDEX rule_set_area ON rule_set (area, id);
