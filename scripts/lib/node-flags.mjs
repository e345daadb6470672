/**
 * How the control plane's Node collects garbage: often. With 5,000 streams the default let the heap grow to 660 MB before
 * it looked; this holds 350 MB for 5 % more of a core (docs/adr/0042-heap-grows-slowly.md). The image of deploy/ has the
 * same flags, and the benches run with them.
 */
export const CONTROL_PLANE_FLAGS = ['--max-semi-space-size=8', '--heap-growing-percent=20'];
