/*
 * A stand-in for the driver's libnvidia-ml.so.1: answers the calls that the agent makes from a text file beside itself
 * (`machine.txt`, read again when it changes), so that tests can say what a machine has, and when it breaks.
 *
 * Lines of the file, `#` begins a comment:
 *
 *     driver 999.10                      text of a system call (driver, nvml)
 *     cuda 13010                         number of a system call
 *     gpu 0 uuid GPU-…                   a value of a GPU; the keys are those below
 *     gpu 0 mig.1.uuid MIG-…             a value of its second MIG device
 *     event 1 0 8 79 -1 -1               the first event: of GPU 0, type, data, GPU instance, compute instance
 *
 * A value may be: a number; text; `!15`, the NVML error 15 instead of an answer; `~hang`, the call never returns;
 * `~crash`, the process dies; `1000@250`, a number that grows by 250 a second from the loading of the library on.
 * What has no line is "not supported". Written from NVIDIA's public API reference; no line of it is theirs.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { OK = 0, UNINITIALIZED = 1, INVALID = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, TOO_SMALL = 7, TIMEOUT = 10 };
enum { LINES = 4096, KEY = 64, VALUE = 160, PLAIN = -1 };

typedef struct {
  int gpu; /* PLAIN: of the system */
  char key[KEY], value[VALUE];
} Line;
typedef struct {
  int number, gpu, gi, ci;
  uint64_t type, data;
} Event;

static Line lines[LINES];
static Event events[256];
static int line_count, event_count, seen_events, initialised;
/* where the lines of a GPU begin and end (the system's at 0): the writer keeps them together */
static int from[66], to[66];
static char path[4096];
static struct timespec changed, looked, loaded;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static double since(struct timespec t) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)(now.tv_sec - t.tv_sec) + (double)(now.tv_nsec - t.tv_nsec) / 1e9;
}

static void parse(char *text) {
  char *key, *value;
  int gpu = PLAIN, used = 0;
  Event e;
  if (sscanf(text, "event %d %d %lu %lu %d %d", &e.number, &e.gpu, &e.type, &e.data, &e.gi, &e.ci) == 6) {
    if (event_count < 256) events[event_count++] = e;
    return;
  }
  if (sscanf(text, "gpu %d %n", &gpu, &used) == 1 && used > 0) text += used;
  else gpu = PLAIN;
  key = strtok_r(text, " ", &value);
  if (!key || !value || line_count >= LINES) return;
  if (gpu >= 64) return;
  if (to[gpu + 1] == 0) from[gpu + 1] = line_count;
  to[gpu + 1] = line_count + 1;
  lines[line_count].gpu = gpu;
  snprintf(lines[line_count].key, KEY, "%s", key);
  snprintf(lines[line_count].value, VALUE, "%s", value);
  line_count++;
}

/* Reads the file when it changed; looks at most every 5 ms. Called with the lock held. */
static void refresh(void) {
  struct stat s;
  char text[512];
  FILE *file;
  if (!path[0]) {
    Dl_info info;
    if (!dladdr((void *)refresh, &info)) return;
    snprintf(path, sizeof path - 16, "%s", info.dli_fname);
    *(strrchr(path, '/') ? strrchr(path, '/') + 1 : path) = 0;
    strcat(path, "machine.txt");
    clock_gettime(CLOCK_MONOTONIC, &loaded);
  } else if (since(looked) < 0.005) return;
  clock_gettime(CLOCK_MONOTONIC, &looked);
  if (stat(path, &s) != 0 || (s.st_mtim.tv_sec == changed.tv_sec && s.st_mtim.tv_nsec == changed.tv_nsec)) return;
  if (!(file = fopen(path, "r"))) return;
  changed = s.st_mtim;
  line_count = event_count = 0;
  memset(to, 0, sizeof to);
  while (fgets(text, sizeof text, file)) {
    text[strcspn(text, "\r\n")] = 0;
    if (text[0] && text[0] != '#') parse(text);
  }
  fclose(file);
}

/* The value of a key, or an error code; misbehaves where the value says so. */
static int find(int gpu, const char *key, char *value) {
  int code = NOT_SUPPORTED;
  pthread_mutex_lock(&lock);
  refresh();
  for (int i = gpu < 64 ? from[gpu + 1] : 0; gpu < 64 && i < to[gpu + 1]; i++) {
    if (lines[i].gpu != gpu || strcmp(lines[i].key, key) != 0) continue;
    strcpy(value, lines[i].value);
    code = value[0] == '!' ? atoi(value + 1) : OK;
    break;
  }
  pthread_mutex_unlock(&lock);
  if (code == OK && strcmp(value, "~crash") == 0) raise(SIGKILL);
  while (code == OK && strcmp(value, "~hang") == 0) sleep(1000);
  return code;
}

static double amount(const char *value) {
  const char *rate = strchr(value, '@');
  return rate ? strtod(value, NULL) + strtod(rate + 1, NULL) * since(loaded) : strtod(value, NULL);
}

/* A device handle is made of the GPU's number and, for a MIG device, its own. */
typedef uintptr_t Device;
static int gpu_of(Device d) { return (int)(d / 4096) - 1; }
static const char *full(Device d, const char *key, char *room) {
  int mig = (int)(d % 4096) - 1;
  if (mig < 0) return key;
  snprintf(room, KEY, "mig.%d.%s", mig, key);
  return room;
}

static int get(Device d, const char *key, char *value) {
  char room[KEY], lost[VALUE];
  int code;
  if (!initialised) return UNINITIALIZED;
  /* `all` answers for everything but the name of a GPU: lost, or waiting for a reset */
  code = find(gpu_of(d), "all", lost);
  if (code != NOT_SUPPORTED && strcmp(key, "uuid") != 0 && strcmp(key, "name") != 0) return code;
  return find(gpu_of(d), full(d, key, room), value);
}
static int number(Device d, const char *key, double *out) {
  char value[VALUE];
  int code = get(d, key, value);
  if (code == OK) *out = amount(value);
  return code;
}
static int u32(Device d, const char *key, uint32_t *out) {
  double value;
  int code = number(d, key, &value);
  if (code == OK) *out = (uint32_t)(int64_t)value;
  return code;
}
static int u64(Device d, const char *key, uint64_t *out) {
  double value;
  int code = number(d, key, &value);
  if (code == OK) *out = value < 0 ? UINT64_MAX : (uint64_t)value;
  return code;
}
static int text(Device d, const char *key, char *out, uint32_t size) {
  char value[VALUE];
  int code = get(d, key, value);
  if (code == OK) snprintf(out, size, "%s", value);
  return code;
}
static int system_text(const char *key, char *out, uint32_t size) {
  char value[VALUE];
  int code = find(PLAIN, key, value);
  if (code == OK) snprintf(out, size, "%s", value);
  return code;
}
static const char *with(const char *format, int n, char *room) {
  snprintf(room, KEY, format, n);
  return room;
}

#define ONE(function, key) \
  int function(Device d, uint32_t *out) { return u32(d, key, out); }
#define TEXT(function, key) \
  int function(Device d, char *out, uint32_t size) { return text(d, key, out, size); }
#define PAIR(function, first, second) \
  int function(Device d, uint32_t *a, uint32_t *b) { \
    int code = u32(d, first, a); \
    return code == OK && u32(d, second, b) != OK ? (*b = 0, OK) : code; \
  }

int nvmlInit_v2(void) {
  char value[VALUE];
  int code = find(PLAIN, "init", value);
  if (code != OK && code != NOT_SUPPORTED) return code;
  initialised = 1;
  seen_events = event_count ? events[event_count - 1].number : 0;
  return OK;
}
int nvmlInit(void) { return nvmlInit_v2(); }
int nvmlShutdown(void) { return initialised = 0, OK; }
int nvmlSystemGetDriverVersion(char *out, uint32_t size) { return system_text("driver", out, size); }
int nvmlSystemGetNVMLVersion(char *out, uint32_t size) { return system_text("nvml", out, size); }
int nvmlSystemGetCudaDriverVersion_v2(int *out) {
  char value[VALUE];
  int code = find(PLAIN, "cuda", value);
  if (code == OK) *out = atoi(value);
  return code;
}
int nvmlSystemGetProcessName(uint32_t pid, char *out, uint32_t size) {
  char key[KEY];
  return system_text(with("process.%d", (int)pid, key), out, size);
}
int nvmlDeviceGetCount_v2(uint32_t *out) {
  char value[VALUE];
  int code = find(PLAIN, "count", value);
  if (code == OK) *out = (uint32_t)atoi(value);
  return code;
}
int nvmlDeviceGetCount(uint32_t *out) { return nvmlDeviceGetCount_v2(out); }
int nvmlDeviceGetHandleByIndex_v2(uint32_t index, Device *out) {
  char value[VALUE];
  int code = find((int)index, "handle", value);
  if (code != OK && code != NOT_SUPPORTED) return code;
  *out = (Device)(index + 1) * 4096;
  return OK;
}
int nvmlDeviceGetHandleByIndex(uint32_t index, Device *out) { return nvmlDeviceGetHandleByIndex_v2(index, out); }

TEXT(nvmlDeviceGetUUID, "uuid")
TEXT(nvmlDeviceGetName, "name")
TEXT(nvmlDeviceGetSerial, "serial")
TEXT(nvmlDeviceGetVbiosVersion, "vbios_version")
TEXT(nvmlDeviceGetBoardPartNumber, "board_part_number")
int nvmlDeviceGetGspFirmwareVersion(Device d, char *out) { return text(d, "gsp_firmware_version", out, 80); }

typedef struct {
  char legacy[16];
  uint32_t domain, bus, device, id, subsystem;
  char bus_id[32];
} Pci;
static int pci(Device d, const char *key, Pci *out) {
  int code = text(d, key, out->bus_id, sizeof out->bus_id);
  if (code == OK) snprintf(out->legacy, sizeof out->legacy, "%.12s", out->bus_id + 4);
  return code;
}
int nvmlDeviceGetPciInfo_v3(Device d, Pci *out) { return pci(d, "bus_id", out); }

PAIR(nvmlDeviceGetUtilizationRates_pair, "utilization.gpu", "utilization.memory")
int nvmlDeviceGetUtilizationRates(Device d, uint32_t *out) { return nvmlDeviceGetUtilizationRates_pair(d, out, out + 1); }
PAIR(nvmlDeviceGetEncoderUtilization, "utilization.encoder", "period")
PAIR(nvmlDeviceGetDecoderUtilization, "utilization.decoder", "period")
PAIR(nvmlDeviceGetJpgUtilization, "utilization.jpeg", "period")
PAIR(nvmlDeviceGetOfaUtilization, "utilization.ofa", "period")
PAIR(nvmlDeviceGetEccMode, "ecc_mode", "ecc_mode_pending")
PAIR(nvmlDeviceGetMigMode, "mig_mode", "mig_mode_pending")
PAIR(nvmlDeviceGetCudaComputeCapability, "capability.major", "capability.minor")
PAIR(nvmlDeviceGetPowerManagementLimitConstraints, "power_limit.min", "power_limit.max")
ONE(nvmlDeviceGetArchitecture, "architecture")
ONE(nvmlDeviceGetBrand, "brand")
ONE(nvmlDeviceGetComputeMode, "compute_mode")
ONE(nvmlDeviceGetPersistenceMode, "persistence_mode")
ONE(nvmlDeviceGetModuleId, "module_id")
ONE(nvmlDeviceGetVirtualizationMode, "virtualization_mode")
ONE(nvmlDeviceGetMaxPcieLinkGeneration, "pcie.generation.max")
ONE(nvmlDeviceGetMaxPcieLinkWidth, "pcie.width.max")
ONE(nvmlDeviceGetCurrPcieLinkGeneration, "pcie.generation")
ONE(nvmlDeviceGetCurrPcieLinkWidth, "pcie.width")
ONE(nvmlDeviceGetPcieReplayCounter, "pcie.replays")
ONE(nvmlDeviceGetPowerManagementDefaultLimit, "power_limit.default")
ONE(nvmlDeviceGetPowerUsage, "power")
ONE(nvmlDeviceGetEnforcedPowerLimit, "power_limit")
ONE(nvmlDeviceGetPerformanceState, "pstate")
ONE(nvmlDeviceGetFanSpeed, "fan")
ONE(nvmlDeviceGetRetiredPagesPendingStatus, "retired.pending")
ONE(nvmlDeviceGetMaxMigDeviceCount, "mig.count")
ONE(nvmlDeviceGetGpuInstanceId, "gpu_instance")
ONE(nvmlDeviceGetComputeInstanceId, "compute_instance")
int nvmlDeviceGetMaxClockInfo(Device d, int type, uint32_t *out) {
  char key[KEY];
  return u32(d, with("clock.max.%d", type, key), out);
}
int nvmlDeviceGetClockInfo(Device d, int type, uint32_t *out) {
  char key[KEY];
  return u32(d, with("clock.%d", type, key), out);
}
int nvmlDeviceGetTemperature(Device d, int sensor, uint32_t *out) { return sensor == 0 ? u32(d, "temperature", out) : INVALID; }
int nvmlDeviceGetTemperatureV(Device d, uint32_t *out) {
  if (out[0] != (1u << 24 | 12)) return 25;
  return u32(d, "temperature", out + 2);
}
int nvmlDeviceGetMarginTemperature(Device d, uint32_t *out) {
  if (out[0] != (1u << 24 | 8)) return 25;
  return u32(d, "temperature.margin", out + 1);
}
int nvmlDeviceGetTotalEnergyConsumption(Device d, uint64_t *out) { return u64(d, "energy", out); }
int nvmlDeviceGetCurrentClocksEventReasons(Device d, uint64_t *out) { return u64(d, "reasons", out); }
int nvmlDeviceGetCurrentClocksThrottleReasons(Device d, uint64_t *out) { return u64(d, "reasons", out); }
int nvmlDeviceGetViolationStatus(Device d, int policy, uint64_t *out) {
  char key[KEY];
  return u64(d, with("violation.%d", policy, key), out + 1);
}
int nvmlDeviceGetTotalEccErrors(Device d, int kind, int counter, uint64_t *out) {
  char key[KEY];
  return u64(d, with(kind ? "ecc.uncorrected.%d" : "ecc.corrected.%d", counter, key), out);
}
int nvmlDeviceGetMemoryErrorCounter(Device d, int kind, int counter, int location, uint64_t *out) {
  char key[KEY];
  return kind == 1 && counter == 0 ? u64(d, with("ecc.location.%d", location, key), out) : NOT_SUPPORTED;
}
int nvmlDeviceGetTemperatureThreshold(Device d, int type, uint32_t *out) {
  char key[KEY];
  return u32(d, with("temperature.threshold.%d", type, key), out);
}
ONE(nvmlDeviceGetUnrepairableMemoryFlag_v1, "unrepairable")
int nvmlDeviceGetRemappedRows(Device d, uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *f) {
  int code = u32(d, "rows.correctable", a);
  u32(d, "rows.uncorrectable", b);
  u32(d, "rows.pending", c);
  u32(d, "rows.failure", f);
  return code;
}
int nvmlDeviceGetRetiredPages(Device d, int cause, uint32_t *count, uint64_t *addresses) {
  char key[KEY];
  uint32_t found = 0;
  int code = u32(d, with("retired.%d", cause, key), &found);
  if (code != OK) return code;
  code = found > *count ? TOO_SMALL : OK;
  if (code == OK) memset(addresses, 0, found * 8);
  *count = found;
  return code;
}
int nvmlDeviceGetPcieThroughput(Device d, int direction, uint32_t *out) {
  usleep(20000);
  return u32(d, direction ? "pcie.rx" : "pcie.tx", out);
}
int nvmlDeviceGetSramEccErrorStatus(Device d, uint32_t *out) {
  if (out[0] != (1u << 24 | 104)) return 25;
  return u32(d, "sram_threshold", out + 24);
}
int nvmlDeviceGetRepairStatus(Device d, uint32_t *out) {
  if (out[0] != (1u << 24 | 12)) return 25;
  return u32(d, "repair.channel", out + 1) || u32(d, "repair.tpc", out + 2) ? NOT_SUPPORTED : OK;
}

typedef struct {
  uint32_t version;
  uint64_t total, reserved, free, used;
} Memory;
int nvmlDeviceGetMemoryInfo_v2(Device d, Memory *out) {
  int code;
  if (out->version != (2u << 24 | 40)) return 25;
  code = u64(d, "memory.total", &out->total);
  u64(d, "memory.reserved", &out->reserved);
  u64(d, "memory.free", &out->free);
  u64(d, "memory.used", &out->used);
  return code;
}
int nvmlDeviceGetMemoryInfo(Device d, uint64_t *out) {
  uint64_t reserved = 0;
  int code = u64(d, "memory.total", out);
  u64(d, "memory.free", out + 1);
  u64(d, "memory.used", out + 2);
  if (u64(d, "memory.reserved", &reserved) == OK) out[2] += reserved;
  return code;
}
int nvmlDeviceGetBAR1MemoryInfo(Device d, uint64_t *out) {
  int code = u64(d, "bar1.used", out + 2);
  out[0] = out[1] = 0;
  return code;
}
typedef struct {
  uint32_t version;
  uint8_t cluster[16];
  uint32_t status, clique;
  uint8_t state;
  uint32_t health;
} Fabric;
int nvmlDeviceGetGpuFabricInfoV(Device d, Fabric *out) {
  uint32_t state;
  int code;
  if (out->version != (2u << 24 | 36)) return 25;
  if ((code = u32(d, "fabric.state", &state)) != OK) return code;
  out->state = (uint8_t)state;
  u32(d, "fabric.status", &out->status);
  u32(d, "fabric.clique", &out->clique);
  memset(out->cluster, 0xab, 16);
  return OK;
}

typedef struct {
  uint32_t field, scope;
  int64_t timestamp, latency;
  uint32_t type;
  int code;
  union {
    double d;
    uint32_t u;
    uint64_t l;
  } value;
} Field;
/* `field.83 u64:1000@250`, `field.138.all …` for all links, `field.161.3` for link 3; without a type: 32 bits */
int nvmlDeviceGetFieldValues(Device d, int count, Field *fields) {
  for (int i = 0; i < count; i++) {
    char key[KEY], value[VALUE];
    Field *f = fields + i;
    if (f->scope == UINT32_MAX) snprintf(key, KEY, "field.%u.all", f->field);
    else if (f->scope) snprintf(key, KEY, "field.%u.%u", f->field, f->scope);
    else snprintf(key, KEY, "field.%u", f->field);
    f->code = get(d, key, value);
    if (f->code != OK) continue;
    if (strncmp(value, "u64:", 4) == 0) f->type = 3, f->value.l = (uint64_t)amount(value + 4);
    else if (strncmp(value, "f64:", 4) == 0) f->type = 0, f->value.d = amount(value + 4);
    else f->type = 1, f->value.u = (uint32_t)amount(value);
  }
  return initialised ? OK : UNINITIALIZED;
}

int nvmlDeviceGetNvLinkState(Device d, uint32_t link, uint32_t *out) {
  char key[KEY];
  int code = u32(d, with("link.%d", (int)link, key), out);
  return code == NOT_SUPPORTED && link > 0 ? INVALID : code;
}
int nvmlDeviceGetNvLinkVersion(Device d, uint32_t link, uint32_t *out) {
  char key[KEY];
  return u32(d, with("link.%d.version", (int)link, key), out);
}
int nvmlDeviceGetNvLinkRemotePciInfo_v2(Device d, uint32_t link, Pci *out) {
  char key[KEY];
  return pci(d, with("link.%d.remote", (int)link, key), out);
}

typedef struct {
  uint32_t pid;
  uint64_t bytes;
  uint32_t gi, ci;
} Process;
/* `compute.0 4711 1073741824 -1 -1`: pid, bytes (-1: not available), GPU and compute instance */
static int processes(Device d, const char *format, uint32_t *count, char *out, size_t size) {
  uint32_t room = *count, found = 0;
  char key[KEY], value[VALUE];
  int code;
  while ((code = get(d, with(format, (int)found, key), value)) == OK) {
    long long pid, bytes, gi, ci;
    Process p;
    if (sscanf(value, "%lld %lld %lld %lld", &pid, &bytes, &gi, &ci) != 4) break;
    p.pid = (uint32_t)pid, p.bytes = (uint64_t)bytes, p.gi = (uint32_t)gi, p.ci = (uint32_t)ci;
    if (found < room) memcpy(out + found * size, &p, size);
    found++;
  }
  *count = found;
  if (code != NOT_SUPPORTED) return code;
  return found > room ? TOO_SMALL : OK;
}
int nvmlDeviceGetComputeRunningProcesses_v3(Device d, uint32_t *count, char *out) {
  return processes(d, "compute.%d", count, out, 24);
}
int nvmlDeviceGetComputeRunningProcesses(Device d, uint32_t *count, char *out) {
  return processes(d, "compute.%d", count, out, 16);
}
int nvmlDeviceGetGraphicsRunningProcesses_v3(Device d, uint32_t *count, char *out) {
  return processes(d, "graphics.%d", count, out, 24);
}
int nvmlDeviceGetGraphicsRunningProcesses(Device d, uint32_t *count, char *out) {
  return processes(d, "graphics.%d", count, out, 16);
}
typedef struct {
  uint32_t pid;
  uint64_t taken;
  uint32_t sm, memory, encoder, decoder;
} Sample;
/* `sample.0 4711 37`: pid and percent, taken just now */
int nvmlDeviceGetProcessUtilization(Device d, Sample *out, uint32_t *count, uint64_t last) {
  uint32_t room = *count, found = 0;
  char key[KEY], value[VALUE];
  (void)last;
  while (get(d, with("sample.%d", (int)found, key), value) == OK && found < room) {
    memset(out + found, 0, sizeof *out);
    if (sscanf(value, "%u %u", &out[found].pid, &out[found].sm) != 2) break;
    out[found++].taken = (uint64_t)(since((struct timespec){0, 0}) * 1e6);
  }
  *count = found;
  return found ? OK : NOT_FOUND;
}

int nvmlDeviceGetActiveVgpus(Device d, uint32_t *count, uint32_t *out) {
  uint32_t room = *count, found = 0, id;
  char key[KEY];
  while (found < room && u32(d, with("vgpu.%d", (int)found, key), &id) == OK) out[found++] = id;
  *count = found;
  return found ? OK : NOT_SUPPORTED;
}
static int vgpu_text(const char *format, uint32_t id, char *out, uint32_t size) {
  char key[KEY];
  return system_text(with(format, (int)id, key), out, size);
}
static int vgpu_number(const char *format, uint32_t id, double *out) {
  char value[VALUE];
  int code = vgpu_text(format, id, value, VALUE);
  if (code == OK) *out = amount(value);
  return code;
}
int nvmlVgpuInstanceGetUUID(uint32_t id, char *out, uint32_t size) { return vgpu_text("vgpu.%d.uuid", id, out, size); }
int nvmlVgpuInstanceGetVmID(uint32_t id, char *out, uint32_t size, uint32_t *type) {
  return *type = 0, vgpu_text("vgpu.%d.vm", id, out, size);
}
int nvmlVgpuInstanceGetType(uint32_t id, uint32_t *out) {
  double value;
  int code = vgpu_number("vgpu.%d.type", id, &value);
  if (code == OK) *out = (uint32_t)value;
  return code;
}
int nvmlVgpuInstanceGetFbUsage(uint32_t id, uint64_t *out) {
  double value;
  int code = vgpu_number("vgpu.%d.used", id, &value);
  if (code == OK) *out = (uint64_t)value;
  return code;
}
int nvmlVgpuTypeGetName(uint32_t id, char *out, uint32_t *size) { return vgpu_text("vgpu-type.%d.name", id, out, *size); }
int nvmlVgpuTypeGetFramebufferSize(uint32_t id, uint64_t *out) {
  double value;
  int code = vgpu_number("vgpu-type.%d.total", id, &value);
  if (code == OK) *out = (uint64_t)value;
  return code;
}

int nvmlDeviceGetMigDeviceHandleByIndex(Device d, uint32_t index, Device *out) {
  char key[KEY], value[VALUE];
  if (get(d, with("mig.%d.uuid", (int)index, key), value) != OK) return NOT_FOUND;
  *out = d + index + 1;
  return OK;
}
int nvmlDeviceGetAttributes_v2(Device d, uint32_t *out) { return u32(d, "multiprocessors", out); }

/* GPM: a sample remembers whose it is and when it was taken; `gpm.2 55.5`, of a MIG GPU instance `gi.1.gpm.2` */
typedef struct {
  Device device;
  int gi;
  struct timespec taken;
} GpmSample;
typedef struct {
  uint32_t metric;
  int code;
  double value;
  char *names[3];
} GpmMetric;
typedef struct {
  uint32_t version, count;
  GpmSample *first, *second;
  GpmMetric metrics[333];
} GpmRequest;
int nvmlGpmQueryDeviceSupport(Device d, uint32_t *out) { return out[0] == 1 ? u32(d, "gpm", out + 1) : 25; }
int nvmlGpmSampleAlloc(GpmSample **out) { return (*out = calloc(1, sizeof **out)) ? OK : 20; }
int nvmlGpmSampleFree(GpmSample *sample) { return free(sample), OK; }
int nvmlGpmMigSampleGet(Device d, uint32_t gi, GpmSample *sample) {
  uint32_t has = 0;
  int code = u32(d, "gpm", &has);
  if (code != OK || !has) return code ? code : NOT_SUPPORTED;
  sample->device = d, sample->gi = (int)gi;
  clock_gettime(CLOCK_MONOTONIC, &sample->taken);
  return OK;
}
int nvmlGpmSampleGet(Device d, GpmSample *sample) { return nvmlGpmMigSampleGet(d, UINT32_MAX, sample); }
int nvmlGpmMetricsGet(GpmRequest *request) {
  double window = since(request->first->taken) - since(request->second->taken);
  if (request->version != 1) return 25;
  if (request->first->device != request->second->device || request->first->gi != request->second->gi) return INVALID;
  for (uint32_t i = 0; i < request->count; i++) {
    GpmMetric *m = request->metrics + i;
    char key[KEY];
    if (request->first->gi < 0) snprintf(key, KEY, "gpm.%u", m->metric);
    else snprintf(key, KEY, "gi.%d.gpm.%u", request->first->gi, m->metric);
    /* samples too close to each other say nothing; the second must be the later one */
    m->code = window < 0.9 ? 21 : number(request->second->device, key, &m->value);
  }
  return OK;
}

/* Events: those of the file that came after the last one told. */
typedef struct {
  Device device;
  uint64_t type, data;
  uint32_t gi, ci;
} EventData;
static uint64_t registered[64];
int nvmlEventSetCreate(uintptr_t *out) { return *out = 77, OK; }
int nvmlEventSetFree(uintptr_t set) { return (void)set, OK; }
int nvmlDeviceGetSupportedEventTypes(Device d, uint64_t *out) { return u64(d, "event_types", out); }
int nvmlDeviceRegisterEvents(Device d, uint64_t types, uintptr_t set) {
  if (set != 77 || gpu_of(d) < 0 || gpu_of(d) >= 64) return INVALID;
  registered[gpu_of(d)] = types;
  return OK;
}
int nvmlEventSetWait_v2(uintptr_t set, EventData *out, uint32_t ms) {
  struct timespec begun;
  if (set != 77) return INVALID;
  clock_gettime(CLOCK_MONOTONIC, &begun);
  do {
    pthread_mutex_lock(&lock);
    refresh();
    for (int i = 0; i < event_count; i++) {
      Event e = events[i];
      if (e.number <= seen_events || e.gpu < 0 || e.gpu >= 64) continue;
      seen_events = e.number;
      if (!(registered[e.gpu] & e.type)) continue;
      pthread_mutex_unlock(&lock);
      *out = (EventData){(Device)(e.gpu + 1) * 4096, e.type, e.data, (uint32_t)e.gi, (uint32_t)e.ci};
      return OK;
    }
    pthread_mutex_unlock(&lock);
    usleep(10000);
  } while (since(begun) * 1000 < ms);
  return TIMEOUT;
}
int nvmlEventSetWait(uintptr_t set, EventData *out, uint32_t ms) { return nvmlEventSetWait_v2(set, out, ms); }
