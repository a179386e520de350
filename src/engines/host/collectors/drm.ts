import { type CollectorSpec, type Emit, gauge } from "../collector.ts";
import { attribute, integer } from "../hardware-files.ts";
import type { HostFiles } from "../host-files.ts";

const cardInfo = gauge("node_drm_card_info", "Card information");

const numbers = [
  ["gpu_busy_percent", gauge("node_drm_gpu_busy_percent", "How busy the GPU is as a percentage.")],
  [
    "mem_info_gtt_total",
    gauge("node_drm_memory_gtt_size_bytes", "The size of the graphics translation table (GTT) block in bytes."),
  ],
  [
    "mem_info_gtt_used",
    gauge("node_drm_memory_gtt_used_bytes", "The used amount of the graphics translation table (GTT) block in bytes."),
  ],
  ["mem_info_vram_total", gauge("node_drm_memory_vram_size_bytes", "The size of VRAM in bytes.")],
  ["mem_info_vram_used", gauge("node_drm_memory_vram_used_bytes", "The used amount of VRAM in bytes.")],
  ["mem_info_vis_vram_total", gauge("node_drm_memory_vis_vram_size_bytes", "The size of visible VRAM in bytes.")],
  ["mem_info_vis_vram_used", gauge("node_drm_memory_vis_vram_used_bytes", "The used amount of visible VRAM in bytes.")],
] as const;

/** Only cards of the driver amdgpu say any of this. */
export const drm: CollectorSpec = {
  name: "drm",
  enabledByDefault: false,

  create({ files }) {
    return (emit) => {
      for (const card of files.sysNames("class/drm").filter((name) => /^card[0-9]$/.test(name))) {
        if (attribute(files, `class/drm/${card}/device/uevent`).includes("DRIVER=amdgpu")) emitCard(files, emit, card);
      }
    };
  },
};

function emitCard(files: HostFiles, emit: Emit, card: string): void {
  const read = (name: string) => files.sys(`class/drm/${card}/device/${name}`) ?? "";
  const labels = ["card", card, "memory_vendor", read("mem_info_vram_vendor"), "power_performance_level"];
  labels.push(read("power_dpm_force_performance_level"), "unique_id", read("unique_id"), "vendor", "amd");
  emit(cardInfo, labels, 1);
  for (const [file, family] of numbers) emit(family, ["card", card], integer(read(file)) ?? 0);
}
