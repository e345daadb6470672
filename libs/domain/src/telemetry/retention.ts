/** Days that samples are kept, installation-wide; a tenant's own may be shorter. */
export const RAW_RETENTION_DAYS = 30;

/** Months that packed days are kept, installation-wide. */
export const PACKED_RETENTION_MONTHS = 13;
