// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlGroupTest {
    @TempDir
    Path root;

    private void file(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text + "\n");
    }

    @Test
    void withoutGroupsNothingIsLimited() {
        assertEquals("no limit", ControlGroup.of(root).toString());
    }

    @Test
    void aContainerSeesItsGroupAsTheRoot() throws IOException {
        file("proc/self/cgroup", "0::/");
        file("sys/fs/cgroup/cpu.max", "150000 100000");
        file("sys/fs/cgroup/memory.max", "2147483648");
        assertEquals(new ControlGroup(1.5, 2L << 30), ControlGroup.of(root));
        assertEquals(
                "at most 1.50 processors, 2 GiB of memory",
                ControlGroup.of(root).toString());
    }

    @Test
    void theTightestOfTheGroupsAroundCounts() throws IOException {
        file("proc/self/cgroup", "0::/user.slice/session.scope");
        file("sys/fs/cgroup/user.slice/cpu.max", "300000 100000");
        file("sys/fs/cgroup/user.slice/memory.max", "1073741824");
        file("sys/fs/cgroup/user.slice/session.scope/cpu.max", "max 100000");
        file("sys/fs/cgroup/user.slice/session.scope/memory.max", "4294967296");
        assertEquals(new ControlGroup(3, 1L << 30), ControlGroup.of(root));
    }

    @Test
    void versionOneHasAFolderForEachController() throws IOException {
        file("proc/self/cgroup", "4:memory:/docker/abc\n1:cpu:/docker/abc\n0::/");
        // A container: the folders are those of its own group, whatever the path says.
        file("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000");
        file("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000");
        file("sys/fs/cgroup/memory/memory.limit_in_bytes", "536870912");
        assertEquals(new ControlGroup(0.5, 512L << 20), ControlGroup.of(root));
    }

    @Test
    void versionOneWritesNumbersForNoLimit() throws IOException {
        file("proc/self/cgroup", "4:memory:/a\n1:cpu:/a");
        file("sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "-1");
        file("sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000");
        file("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "9223372036854771712");
        assertEquals("no limit", ControlGroup.of(root).toString());
    }

    @Test
    void aPathOfAnotherNameSpaceIsNotFollowed() throws IOException {
        file("proc/self/cgroup", "0::/../../elsewhere");
        file("sys/fs/cgroup/memory.max", "1048576");
        file("sys/elsewhere/memory.max", "4096");
        assertEquals("at most 1 MiB of memory", ControlGroup.of(root).toString());
    }
}
