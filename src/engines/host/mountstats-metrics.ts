import type { NfsOperation, NfsTransport } from "../../formats/procfs/mountstats.ts";
import { counter, type Family, gauge } from "./collector.ts";

/** The metrics of the collector mountstats, for each number of the file. */

export const age = family(counter, "age_seconds_total", "The age of the NFS mount in seconds.");
export const mountPointInfo = family(gauge, "mountpoint_info", "Info metric for an NFS mountpoint.");

/** In the order in which the kernel prints the numbers. */
export const bytes: readonly Family[] = [
  family(counter, "read_bytes_total", "Number of bytes read using the read() syscall."),
  family(counter, "write_bytes_total", "Number of bytes written using the write() syscall."),
  family(counter, "direct_read_bytes_total", "Number of bytes read using the read() syscall in O_DIRECT mode."),
  family(counter, "direct_write_bytes_total", "Number of bytes written using the write() syscall in O_DIRECT mode."),
  family(counter, "total_read_bytes_total", "Number of bytes read from the NFS server, in total."),
  family(counter, "total_write_bytes_total", "Number of bytes written to the NFS server, in total."),
  family(counter, "read_pages_total", "Number of pages read directly via mmap()'d files."),
  family(counter, "write_pages_total", "Number of pages written directly via mmap()'d files."),
];

/** The one that is left out is always 0. */
export const events: readonly (Family | undefined)[] = [
  family(
    counter,
    "event_inode_revalidate_total",
    "Number of times cached inode attributes are re-validated from the server.",
  ),
  family(
    counter,
    "event_dnode_revalidate_total",
    "Number of times cached dentry nodes are re-validated from the server.",
  ),
  family(counter, "event_data_invalidate_total", "Number of times an inode cache is cleared."),
  family(counter, "event_attribute_invalidate_total", "Number of times cached inode attributes are invalidated."),
  family(counter, "event_vfs_open_total", "Number of times cached inode attributes are invalidated."),
  family(counter, "event_vfs_lookup_total", "Number of times a directory lookup has occurred."),
  family(counter, "event_vfs_access_total", "Number of times permissions have been checked."),
  family(counter, "event_vfs_update_page_total", "Number of updates (and potential writes) to pages."),
  family(counter, "event_vfs_read_page_total", "Number of pages read directly via mmap()'d files."),
  family(counter, "event_vfs_read_pages_total", "Number of times a group of pages have been read."),
  family(counter, "event_vfs_write_page_total", "Number of pages written directly via mmap()'d files."),
  family(counter, "event_vfs_write_pages_total", "Number of times a group of pages have been written."),
  family(counter, "event_vfs_getdents_total", "Number of times directory entries have been read with getdents()."),
  family(counter, "event_vfs_setattr_total", "Number of times directory entries have been read with getdents()."),
  family(counter, "event_vfs_flush_total", "Number of pending writes that have been forcefully flushed to the server."),
  family(counter, "event_vfs_fsync_total", "Number of times fsync() has been called on directories and files."),
  family(counter, "event_vfs_lock_total", "Number of times locking has been attempted on a file."),
  family(counter, "event_vfs_file_release_total", "Number of times files have been closed and released."),
  undefined,
  family(counter, "event_truncation_total", "Number of times files have been truncated."),
  family(
    counter,
    "event_write_extension_total",
    "Number of times a file has been grown due to writes beyond its existing end.",
  ),
  family(
    counter,
    "event_silly_rename_total",
    "Number of times a file was removed while still open by another process.",
  ),
  family(
    counter,
    "event_short_read_total",
    "Number of times the NFS server gave less data than expected while reading.",
  ),
  family(
    counter,
    "event_short_write_total",
    "Number of times the NFS server wrote less data than expected while writing.",
  ),
  family(
    counter,
    "event_jukebox_delay_total",
    "Number of times the NFS server indicated EJUKEBOX; retrieving data from offline storage.",
  ),
  family(counter, "event_pnfs_read_total", "Number of NFS v4.1+ pNFS reads."),
  family(counter, "event_pnfs_write_total", "Number of NFS v4.1+ pNFS writes."),
];

export const transports: readonly (readonly [key: Exclude<keyof NfsTransport, "protocol">, family: Family])[] = [
  [
    "bind",
    family(
      counter,
      "transport_bind_total",
      "Number of times the client has had to establish a connection from scratch to the NFS server.",
    ),
  ],
  [
    "connect",
    family(
      counter,
      "transport_connect_total",
      "Number of times the client has made a TCP connection to the NFS server.",
    ),
  ],
  [
    "idleSeconds",
    family(gauge, "transport_idle_time_seconds", "Duration since the NFS mount last saw any RPC traffic, in seconds."),
  ],
  ["sends", family(counter, "transport_sends_total", "Number of RPC requests for this mount sent to the NFS server.")],
  [
    "receives",
    family(counter, "transport_receives_total", "Number of RPC responses for this mount received from the NFS server."),
  ],
  [
    "badTransactionIds",
    family(
      counter,
      "transport_bad_transaction_ids_total",
      "Number of times the NFS server sent a response with a transaction ID unknown to this client.",
    ),
  ],
  [
    "backlog",
    family(counter, "transport_backlog_queue_total", "Total number of items added to the RPC backlog queue."),
  ],
  [
    "maximumSlots",
    family(gauge, "transport_maximum_rpc_slots", "Maximum number of simultaneously active RPC requests ever used."),
  ],
  [
    "sendingQueue",
    family(
      counter,
      "transport_sending_queue_total",
      "Total number of items added to the RPC transmission sending queue.",
    ),
  ],
  [
    "pendingQueue",
    family(
      counter,
      "transport_pending_queue_total",
      "Total number of items added to the RPC transmission pending queue.",
    ),
  ],
];

/** Times are divided by a thousand. */
export const operations: readonly (readonly [
  key: Exclude<keyof NfsOperation, "operation">,
  divisor: number,
  family: Family,
])[] = [
  ["requests", 1, family(counter, "operations_requests_total", "Number of requests performed for a given operation.")],
  [
    "transmissions",
    1,
    family(
      counter,
      "operations_transmissions_total",
      "Number of times an actual RPC request has been transmitted for a given operation.",
    ),
  ],
  [
    "majorTimeouts",
    1,
    family(
      counter,
      "operations_major_timeouts_total",
      "Number of times a request has had a major timeout for a given operation.",
    ),
  ],
  [
    "bytesSent",
    1,
    family(
      counter,
      "operations_sent_bytes_total",
      "Number of bytes sent for a given operation, including RPC headers and payload.",
    ),
  ],
  [
    "bytesReceived",
    1,
    family(
      counter,
      "operations_received_bytes_total",
      "Number of bytes received for a given operation, including RPC headers and payload.",
    ),
  ],
  [
    "queueMs",
    1000,
    family(
      counter,
      "operations_queue_time_seconds_total",
      "Duration all requests spent queued for transmission for a given operation before they were sent, in seconds.",
    ),
  ],
  [
    "responseMs",
    1000,
    family(
      counter,
      "operations_response_time_seconds_total",
      "Duration all requests took to get a reply back after a request for a given operation was transmitted, in seconds.",
    ),
  ],
  [
    "requestMs",
    1000,
    family(
      counter,
      "operations_request_time_seconds_total",
      "Duration all requests took from when a request was enqueued to when it was completely handled for a given operation, in seconds.",
    ),
  ],
];

function family(kind: (name: string, help: string) => Family, name: string, help: string): Family {
  return kind(`node_mountstats_nfs_${name}`, help);
}
