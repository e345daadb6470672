/** Where everything of an installed agent lies, below the root of the machine. */
export const PATHS = {
  config: '/etc/flotilla/agent.json',
  apiKey: '/etc/flotilla/api-key',
  state: '/var/lib/flotilla-agent',
  unit: '/etc/systemd/system/flotilla-agent.service',
  /** What the package brings; where it is there, nothing is written to `unit`. */
  packagedUnit: '/lib/systemd/system/flotilla-agent.service',
  program: '/usr/local/bin/flotilla-agent',
  /** The one file, where no single executable is installed; `program` then calls it. */
  bundle: '/usr/local/lib/flotilla/flotilla-agent.mjs',
  /** What the reader nvml loads; beside the program at the latest. The package brings the same. */
  koffi: '/usr/lib/flotilla-agent/koffi.node',
  packagedProgram: '/usr/bin/flotilla-agent',
} as const;

export const USER = 'flotilla-agent';
export const SERVICE = 'flotilla-agent.service';

/** The systemd unit; deploy/flotilla-agent.service is this text for the packaged program. */
export const unitText = (program: string): string => `[Unit]
Description=Flotilla agent
Documentation=file:///usr/share/doc/flotilla-agent/agent.md
After=network-online.target nvidia-persistenced.service
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
User=${USER}
Group=${USER}
ExecStart=${program} run --config ${PATHS.config}
Environment=NODE_ENV=production FLOTILLA_STATE_DIR=${PATHS.state}
StateDirectory=flotilla-agent
StateDirectoryMode=0700
Restart=always
RestartSec=5
# a wrong setting (exit code 2) is mended by a person and not by a restart
RestartPreventExitStatus=2
TimeoutStopSec=20
# the commands that it runs outlive a restart of the agent, and its journal finds them again. nvidia-smi is ended by the
# agent itself; after a crash it ends at its next row, and one that hangs is killed by the next start
KillMode=process
MemoryMax=256M
CPUWeight=20
TasksMax=256
OOMScoreAdjust=-100

NoNewPrivileges=yes
# the kernel log (Xid, SXid) is read with it where kernel.dmesg_restrict is set; it allows nothing else here
CapabilityBoundingSet=CAP_SYSLOG
AmbientCapabilities=CAP_SYSLOG
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateMounts=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
LockPersonality=yes
RemoveIPC=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
UMask=0077
# it listens nowhere, except on the loopback where --prometheus asks for it
SocketBindDeny=any
SocketBindAllow=ipv4:tcp:9400
# the driver's devices and the kernel log, and no others
DevicePolicy=closed
DeviceAllow=char-nvidia rw
DeviceAllow=char-nvidia-uvm rw
DeviceAllow=char-nvidia-caps rw
DeviceAllow=char-nvidia-frontend rw
DeviceAllow=/dev/kmsg r
# not set: MemoryDenyWriteExecute (the JavaScript engine compiles), ProtectProc and PrivateDevices (the agent tells whose
# the processes on the GPUs are), ProtectKernelLogs (it reads them). A control of kind systemd needs a polkit rule for
# this user; a command control acts with this user's rights, and sudo does not work in it.

[Install]
WantedBy=multi-user.target
`;
