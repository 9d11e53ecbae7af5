import assert from "node:assert/strict";
import { windows } from "../../../components/eks/database.ts";
import { outside } from "../../../components/eks/karpenter-objects.ts";

describe("EKS maintenance", () => {
  it("lets Karpenter replace nodes in the window only", () => {
    assert.deepEqual(outside({ day: "sunday", startHour: 2, hours: 6 }), { schedule: "0 8 * * 0", duration: "162h" });
    assert.deepEqual(outside({ day: "saturday", startHour: 22, hours: 4 }), {
      schedule: "0 2 * * 0",
      duration: "164h",
    });
  });

  it("gives RDS a window for upgrades and another for backups", () => {
    assert.deepEqual(windows({ day: "sunday", startHour: 2, hours: 6 }), {
      maintenanceWindow: "sun:02:00-sun:08:00",
      backupWindow: "08:00-09:00",
    });
    assert.deepEqual(windows({ day: "saturday", startHour: 22, hours: 24 }), {
      maintenanceWindow: "sat:22:00-sun:20:00",
      backupWindow: "20:00-21:00",
    });
  });
});
