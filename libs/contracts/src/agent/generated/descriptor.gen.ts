// Made by libs/contracts/scripts/generate-agent.mjs from proto/flotilla/v1/agent.proto
/** The descriptor of flotilla.v1 as protobufjs JSON. */
export const agentDescriptor = {
 "nested": {
  "flotilla": {
   "nested": {
    "v1": {
     "nested": {
      "AgentEnrollment": {
       "methods": {
        "Enroll": {
         "requestType": "EnrollRequest",
         "responseType": "EnrollResponse"
        },
        "Renew": {
         "requestType": "RenewRequest",
         "responseType": "RenewResponse"
        },
        "Leave": {
         "requestType": "LeaveRequest",
         "responseType": "LeaveResponse"
        }
       }
      },
      "AgentGateway": {
       "methods": {
        "Connect": {
         "requestType": "AgentMessage",
         "requestStream": true,
         "responseType": "ControlMessage",
         "responseStream": true
        }
       }
      },
      "EnrollRequest": {
       "fields": {
        "token": {
         "type": "string",
         "id": 1
        },
        "csrPem": {
         "type": "string",
         "id": 2
        },
        "machine": {
         "type": "MachineFacts",
         "id": 3
        }
       }
      },
      "MachineFacts": {
       "fields": {
        "hostname": {
         "type": "string",
         "id": 1
        },
        "machineFingerprint": {
         "type": "string",
         "id": 2
        },
        "os": {
         "type": "string",
         "id": 3
        },
        "kernel": {
         "type": "string",
         "id": 4
        },
        "arch": {
         "type": "string",
         "id": 5
        },
        "agentVersion": {
         "type": "string",
         "id": 6
        }
       }
      },
      "EnrollResponse": {
       "fields": {
        "agentId": {
         "type": "string",
         "id": 1
        },
        "certificatePem": {
         "type": "string",
         "id": 2
        },
        "caPem": {
         "type": "string",
         "id": 3
        },
        "notAfterMs": {
         "type": "int64",
         "id": 4
        },
        "tenantId": {
         "type": "string",
         "id": 5
        }
       }
      },
      "RenewRequest": {
       "fields": {
        "agentId": {
         "type": "string",
         "id": 1
        },
        "csrPem": {
         "type": "string",
         "id": 2
        },
        "endedCertificatePem": {
         "type": "string",
         "id": 3
        },
        "proof": {
         "type": "bytes",
         "id": 4
        },
        "issuedAtMs": {
         "type": "int64",
         "id": 5
        }
       }
      },
      "RenewResponse": {
       "fields": {
        "certificatePem": {
         "type": "string",
         "id": 1
        },
        "caPem": {
         "type": "string",
         "id": 2
        },
        "notAfterMs": {
         "type": "int64",
         "id": 3
        }
       }
      },
      "LeaveRequest": {
       "fields": {}
      },
      "LeaveResponse": {
       "fields": {}
      },
      "AgentMessage": {
       "oneofs": {
        "body": {
         "oneof": [
          "hello",
          "batch",
          "live",
          "heartbeat",
          "inventory",
          "actionAccepted",
          "actionResult",
          "queryAnswer",
          "healthCleared"
         ]
        }
       },
       "fields": {
        "epoch": {
         "type": "uint64",
         "id": 1
        },
        "hello": {
         "type": "Hello",
         "id": 2
        },
        "batch": {
         "type": "Batch",
         "id": 3
        },
        "live": {
         "type": "Live",
         "id": 4
        },
        "heartbeat": {
         "type": "Heartbeat",
         "id": 5
        },
        "inventory": {
         "type": "Inventory",
         "id": 6
        },
        "actionAccepted": {
         "type": "ActionAccepted",
         "id": 7
        },
        "actionResult": {
         "type": "ActionResult",
         "id": 8
        },
        "queryAnswer": {
         "type": "QueryAnswer",
         "id": 9
        },
        "healthCleared": {
         "type": "HealthCleared",
         "id": 10
        }
       }
      },
      "Hello": {
       "fields": {
        "agentId": {
         "type": "string",
         "id": 1
        },
        "bootId": {
         "type": "string",
         "id": 2
        },
        "walEpoch": {
         "type": "fixed64",
         "id": 3
        },
        "agentVersion": {
         "type": "string",
         "id": 4
        },
        "minProtocol": {
         "type": "uint32",
         "id": 5
        },
        "maxProtocol": {
         "type": "uint32",
         "id": 6
        },
        "capabilities": {
         "rule": "repeated",
         "type": "string",
         "id": 7
        },
        "controls": {
         "rule": "repeated",
         "type": "Control",
         "id": 8
        },
        "intervalS": {
         "type": "float",
         "id": 9
        },
        "inventoryHash": {
         "type": "string",
         "id": 10
        },
        "runningActionIds": {
         "rule": "repeated",
         "type": "string",
         "id": 11
        },
        "unackedResultActionIds": {
         "rule": "repeated",
         "type": "string",
         "id": 12
        },
        "spool": {
         "type": "Spool",
         "id": 13
        },
        "machine": {
         "type": "MachineFacts",
         "id": 14
        },
        "nowMs": {
         "type": "int64",
         "id": 15
        }
       }
      },
      "Spool": {
       "fields": {
        "oldestSeq": {
         "type": "uint64",
         "id": 1
        },
        "newestSeq": {
         "type": "uint64",
         "id": 2
        },
        "bytes": {
         "type": "uint64",
         "id": 3
        },
        "droppedEntries": {
         "type": "uint64",
         "id": 4
        },
        "degraded": {
         "type": "bool",
         "id": 5
        }
       }
      },
      "Control": {
       "fields": {
        "kind": {
         "type": "string",
         "id": 1
        },
        "verbs": {
         "rule": "repeated",
         "type": "string",
         "id": 2
        },
        "instanceIds": {
         "rule": "repeated",
         "type": "string",
         "id": 3
        },
        "scope": {
         "keyType": "string",
         "type": "string",
         "id": 4
        },
        "level": {
         "type": "string",
         "id": 5
        }
       }
      },
      "Batch": {
       "fields": {
        "walEpoch": {
         "type": "fixed64",
         "id": 1
        },
        "firstSeq": {
         "type": "uint64",
         "id": 2
        },
        "entries": {
         "rule": "repeated",
         "type": "Entry",
         "id": 3
        }
       }
      },
      "Entry": {
       "oneofs": {
        "body": {
         "oneof": [
          "minute",
          "event",
          "record",
          "dropped"
         ]
        }
       },
       "fields": {
        "minute": {
         "type": "DeviceMinute",
         "id": 1
        },
        "event": {
         "type": "Event",
         "id": 2
        },
        "record": {
         "type": "Record",
         "id": 3
        },
        "dropped": {
         "type": "Dropped",
         "id": 4
        }
       }
      },
      "DeviceMinute": {
       "fields": {
        "instanceId": {
         "type": "string",
         "id": 1
        },
        "device": {
         "type": "string",
         "id": 2
        },
        "minuteS": {
         "type": "sfixed64",
         "id": 3
        },
        "intervalS": {
         "type": "float",
         "id": 4
        },
        "metrics": {
         "rule": "repeated",
         "type": "uint32",
         "id": 5
        },
        "seconds": {
         "type": "bytes",
         "id": 6
        },
        "values": {
         "type": "bytes",
         "id": 7
        }
       }
      },
      "Event": {
       "fields": {
        "atMs": {
         "type": "int64",
         "id": 1
        },
        "kind": {
         "type": "string",
         "id": 2
        },
        "severity": {
         "type": "string",
         "id": 3
        },
        "device": {
         "type": "string",
         "id": 4
        },
        "message": {
         "type": "string",
         "id": 5
        },
        "detailsJson": {
         "type": "string",
         "id": 6
        }
       }
      },
      "Record": {
       "fields": {
        "section": {
         "type": "string",
         "id": 1
        },
        "json": {
         "type": "bytes",
         "id": 2
        }
       }
      },
      "Dropped": {
       "fields": {
        "reason": {
         "type": "string",
         "id": 1
        },
        "fromMinuteS": {
         "type": "sfixed64",
         "id": 2
        },
        "toMinuteS": {
         "type": "sfixed64",
         "id": 3
        },
        "entries": {
         "type": "uint64",
         "id": 4
        }
       }
      },
      "Live": {
       "fields": {
        "devices": {
         "rule": "repeated",
         "type": "LiveDevice",
         "id": 1
        },
        "processes": {
         "rule": "repeated",
         "type": "GpuProcess",
         "id": 2
        },
        "processesRead": {
         "type": "bool",
         "id": 3
        }
       }
      },
      "LiveDevice": {
       "fields": {
        "instanceId": {
         "type": "string",
         "id": 1
        },
        "device": {
         "type": "string",
         "id": 2
        },
        "atMs": {
         "type": "int64",
         "id": 3
        },
        "metrics": {
         "rule": "repeated",
         "type": "uint32",
         "id": 4
        },
        "values": {
         "type": "bytes",
         "id": 5
        }
       }
      },
      "GpuProcess": {
       "oneofs": {
        "_usedMemoryMib": {
         "oneof": [
          "usedMemoryMib"
         ]
        },
        "_smPercent": {
         "oneof": [
          "smPercent"
         ]
        }
       },
       "fields": {
        "device": {
         "type": "string",
         "id": 1
        },
        "pid": {
         "type": "uint32",
         "id": 2
        },
        "name": {
         "type": "string",
         "id": 3
        },
        "type": {
         "type": "string",
         "id": 4
        },
        "usedMemoryMib": {
         "type": "uint64",
         "id": 5,
         "options": {
          "proto3_optional": true
         }
        },
        "user": {
         "type": "string",
         "id": 6
        },
        "startedAtMs": {
         "type": "int64",
         "id": 7
        },
        "containerId": {
         "type": "string",
         "id": 8
        },
        "containerName": {
         "type": "string",
         "id": 9
        },
        "podUid": {
         "type": "string",
         "id": 10
        },
        "podName": {
         "type": "string",
         "id": 11
        },
        "podNamespace": {
         "type": "string",
         "id": 12
        },
        "slurmJobId": {
         "type": "string",
         "id": 13
        },
        "command": {
         "type": "string",
         "id": 14
        },
        "smPercent": {
         "type": "float",
         "id": 15,
         "options": {
          "proto3_optional": true
         }
        }
       }
      },
      "Heartbeat": {
       "fields": {
        "nowMs": {
         "type": "int64",
         "id": 1
        },
        "runningActionIds": {
         "rule": "repeated",
         "type": "string",
         "id": 2
        },
        "spool": {
         "type": "Spool",
         "id": 3
        },
        "collectors": {
         "rule": "repeated",
         "type": "CollectorState",
         "id": 4
        }
       }
      },
      "CollectorState": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "state": {
         "type": "string",
         "id": 2
        },
        "message": {
         "type": "string",
         "id": 3
        }
       }
      },
      "Inventory": {
       "fields": {
        "hash": {
         "type": "string",
         "id": 1
        },
        "instanceJson": {
         "type": "bytes",
         "id": 2
        },
        "devices": {
         "rule": "repeated",
         "type": "Device",
         "id": 3
        }
       }
      },
      "Device": {
       "oneofs": {
        "_index": {
         "oneof": [
          "index"
         ]
        },
        "_memoryTotalMib": {
         "oneof": [
          "memoryTotalMib"
         ]
        },
        "_migEnabled": {
         "oneof": [
          "migEnabled"
         ]
        },
        "_gpuInstanceId": {
         "oneof": [
          "gpuInstanceId"
         ]
        },
        "_computeInstanceId": {
         "oneof": [
          "computeInstanceId"
         ]
        }
       },
       "fields": {
        "kind": {
         "type": "string",
         "id": 1
        },
        "uuid": {
         "type": "string",
         "id": 2
        },
        "index": {
         "type": "uint32",
         "id": 3,
         "options": {
          "proto3_optional": true
         }
        },
        "parentUuid": {
         "type": "string",
         "id": 4
        },
        "model": {
         "type": "string",
         "id": 5
        },
        "memoryTotalMib": {
         "type": "uint64",
         "id": 6,
         "options": {
          "proto3_optional": true
         }
        },
        "driverVersion": {
         "type": "string",
         "id": 7
        },
        "pciBusId": {
         "type": "string",
         "id": 8
        },
        "serial": {
         "type": "string",
         "id": 9
        },
        "migEnabled": {
         "type": "bool",
         "id": 10,
         "options": {
          "proto3_optional": true
         }
        },
        "absences": {
         "keyType": "uint32",
         "type": "string",
         "id": 11
        },
        "presence": {
         "type": "string",
         "id": 12
        },
        "health": {
         "type": "string",
         "id": 13
        },
        "healthReason": {
         "type": "string",
         "id": 14
        },
        "healthEvidence": {
         "type": "string",
         "id": 15
        },
        "advisedAction": {
         "type": "string",
         "id": 16
        },
        "healthSinceMs": {
         "type": "int64",
         "id": 17
        },
        "healthEpisodes": {
         "rule": "repeated",
         "type": "HealthEpisode",
         "id": 18
        },
        "migProfile": {
         "type": "string",
         "id": 20
        },
        "gpuInstanceId": {
         "type": "uint32",
         "id": 21,
         "options": {
          "proto3_optional": true
         }
        },
        "computeInstanceId": {
         "type": "uint32",
         "id": 22,
         "options": {
          "proto3_optional": true
         }
        },
        "recoveryAction": {
         "type": "string",
         "id": 23
        },
        "attributes": {
         "keyType": "string",
         "type": "string",
         "id": 24
        },
        "nvlinks": {
         "rule": "repeated",
         "type": "NvLink",
         "id": 25
        },
        "vgpus": {
         "rule": "repeated",
         "type": "Vgpu",
         "id": 26
        }
       }
      },
      "NvLink": {
       "fields": {
        "index": {
         "type": "uint32",
         "id": 1
        },
        "active": {
         "type": "bool",
         "id": 2
        },
        "speedGbps": {
         "type": "float",
         "id": 3
        },
        "version": {
         "type": "string",
         "id": 4
        },
        "remoteBusId": {
         "type": "string",
         "id": 5
        }
       }
      },
      "Vgpu": {
       "oneofs": {
        "_memoryTotalMib": {
         "oneof": [
          "memoryTotalMib"
         ]
        },
        "_memoryUsedMib": {
         "oneof": [
          "memoryUsedMib"
         ]
        },
        "_licensed": {
         "oneof": [
          "licensed"
         ]
        }
       },
       "fields": {
        "uuid": {
         "type": "string",
         "id": 1
        },
        "type": {
         "type": "string",
         "id": 2
        },
        "vmId": {
         "type": "string",
         "id": 3
        },
        "vmName": {
         "type": "string",
         "id": 4
        },
        "memoryTotalMib": {
         "type": "uint64",
         "id": 5,
         "options": {
          "proto3_optional": true
         }
        },
        "memoryUsedMib": {
         "type": "uint64",
         "id": 6,
         "options": {
          "proto3_optional": true
         }
        },
        "licensed": {
         "type": "bool",
         "id": 7,
         "options": {
          "proto3_optional": true
         }
        }
       }
      },
      "HealthEpisode": {
       "fields": {
        "kind": {
         "type": "string",
         "id": 1
        },
        "code": {
         "type": "uint32",
         "id": 2
        },
        "faultClass": {
         "type": "string",
         "id": 3
        },
        "count": {
         "type": "uint64",
         "id": 4
        },
        "firstMs": {
         "type": "int64",
         "id": 5
        },
        "lastMs": {
         "type": "int64",
         "id": 6
        }
       }
      },
      "ActionAccepted": {
       "fields": {
        "actionId": {
         "type": "string",
         "id": 1
        },
        "fence": {
         "type": "uint64",
         "id": 2
        }
       }
      },
      "ActionResult": {
       "oneofs": {
        "_exitCode": {
         "oneof": [
          "exitCode"
         ]
        }
       },
       "fields": {
        "actionId": {
         "type": "string",
         "id": 1
        },
        "fence": {
         "type": "uint64",
         "id": 2
        },
        "outcome": {
         "type": "string",
         "id": 3
        },
        "message": {
         "type": "string",
         "id": 4
        },
        "exitCode": {
         "type": "int32",
         "id": 5,
         "options": {
          "proto3_optional": true
         }
        },
        "output": {
         "type": "string",
         "id": 6
        },
        "outputTruncated": {
         "type": "bool",
         "id": 7
        },
        "startedAtMs": {
         "type": "int64",
         "id": 8
        },
        "finishedAtMs": {
         "type": "int64",
         "id": 9
        },
        "observedState": {
         "type": "string",
         "id": 10
        }
       }
      },
      "HealthCleared": {
       "fields": {
        "clearId": {
         "type": "uint64",
         "id": 1
        }
       }
      },
      "QueryAnswer": {
       "fields": {
        "actionId": {
         "type": "string",
         "id": 1
        },
        "state": {
         "type": "string",
         "id": 2
        },
        "result": {
         "type": "ActionResult",
         "id": 3
        }
       }
      },
      "ControlMessage": {
       "oneofs": {
        "body": {
         "oneof": [
          "welcome",
          "ack",
          "window",
          "offer",
          "resultAck",
          "query",
          "slow",
          "drain",
          "config",
          "sendInventory",
          "cancelOffer",
          "clearHealth"
         ]
        }
       },
       "fields": {
        "epoch": {
         "type": "uint64",
         "id": 1
        },
        "welcome": {
         "type": "Welcome",
         "id": 2
        },
        "ack": {
         "type": "Ack",
         "id": 3
        },
        "window": {
         "type": "Window",
         "id": 4
        },
        "offer": {
         "type": "Offer",
         "id": 5
        },
        "resultAck": {
         "type": "ResultAck",
         "id": 6
        },
        "query": {
         "type": "Query",
         "id": 7
        },
        "slow": {
         "type": "Slow",
         "id": 8
        },
        "drain": {
         "type": "Drain",
         "id": 9
        },
        "config": {
         "type": "Config",
         "id": 10
        },
        "sendInventory": {
         "type": "SendInventory",
         "id": 11
        },
        "cancelOffer": {
         "type": "CancelOffer",
         "id": 12
        },
        "clearHealth": {
         "type": "ClearHealth",
         "id": 13
        }
       }
      },
      "Welcome": {
       "fields": {
        "epoch": {
         "type": "uint64",
         "id": 1
        },
        "ackedSeq": {
         "type": "uint64",
         "id": 2
        },
        "heartbeatS": {
         "type": "uint32",
         "id": 3
        },
        "window": {
         "type": "uint32",
         "id": 4
        },
        "serverTimeMs": {
         "type": "int64",
         "id": 5
        },
        "config": {
         "type": "Config",
         "id": 6
        },
        "protocol": {
         "type": "uint32",
         "id": 7
        },
        "inventoryHash": {
         "type": "string",
         "id": 8
        }
       }
      },
      "Config": {
       "fields": {
        "hash": {
         "type": "string",
         "id": 1
        },
        "intervalS": {
         "type": "float",
         "id": 2
        },
        "liveIntervalS": {
         "type": "float",
         "id": 3
        }
       }
      },
      "Ack": {
       "fields": {
        "walEpoch": {
         "type": "fixed64",
         "id": 1
        },
        "throughSeq": {
         "type": "uint64",
         "id": 2
        },
        "rejected": {
         "rule": "repeated",
         "type": "RejectedEntry",
         "id": 3
        }
       }
      },
      "RejectedEntry": {
       "fields": {
        "seq": {
         "type": "uint64",
         "id": 1
        },
        "reason": {
         "type": "string",
         "id": 2
        }
       }
      },
      "Window": {
       "fields": {
        "batches": {
         "type": "uint32",
         "id": 1
        }
       }
      },
      "Offer": {
       "fields": {
        "actionId": {
         "type": "string",
         "id": 1
        },
        "fence": {
         "type": "uint64",
         "id": 2
        },
        "verb": {
         "type": "string",
         "id": 3
        },
        "instanceId": {
         "type": "string",
         "id": 4
        },
        "controlKind": {
         "type": "string",
         "id": 5
        },
        "argumentsJson": {
         "type": "string",
         "id": 6
        },
        "precondition": {
         "type": "Precondition",
         "id": 7
        },
        "expiresAtMs": {
         "type": "int64",
         "id": 8
        },
        "leaseS": {
         "type": "uint32",
         "id": 9
        },
        "reason": {
         "type": "string",
         "id": 10
        }
       }
      },
      "Precondition": {
       "fields": {
        "force": {
         "type": "bool",
         "id": 1
        },
        "idleSinceMs": {
         "type": "int64",
         "id": 2
        },
        "idleBelowPercent": {
         "type": "float",
         "id": 3
        },
        "generation": {
         "type": "int64",
         "id": 4
        },
        "processesAsked": {
         "type": "bool",
         "id": 5
        },
        "knownProcesses": {
         "rule": "repeated",
         "type": "KnownProcess",
         "id": 6
        }
       }
      },
      "KnownProcess": {
       "fields": {
        "device": {
         "type": "string",
         "id": 1
        },
        "pid": {
         "type": "uint32",
         "id": 2
        },
        "name": {
         "type": "string",
         "id": 3
        },
        "startedAtMs": {
         "type": "int64",
         "id": 4
        }
       }
      },
      "CancelOffer": {
       "fields": {
        "actionId": {
         "type": "string",
         "id": 1
        }
       }
      },
      "ResultAck": {
       "fields": {
        "actionId": {
         "type": "string",
         "id": 1
        }
       }
      },
      "Query": {
       "fields": {
        "actionId": {
         "type": "string",
         "id": 1
        }
       }
      },
      "Slow": {
       "fields": {
        "intervalS": {
         "type": "float",
         "id": 1
        }
       }
      },
      "Drain": {
       "fields": {
        "reconnectAfterMs": {
         "type": "uint32",
         "id": 1
        },
        "jitterMs": {
         "type": "uint32",
         "id": 2
        }
       }
      },
      "SendInventory": {
       "fields": {}
      },
      "ClearHealth": {
       "fields": {
        "clearId": {
         "type": "uint64",
         "id": 1
        },
        "device": {
         "type": "string",
         "id": 2
        },
        "atMs": {
         "type": "int64",
         "id": 3
        },
        "by": {
         "type": "string",
         "id": 4
        }
       }
      }
     }
    }
   }
  }
 }
};
