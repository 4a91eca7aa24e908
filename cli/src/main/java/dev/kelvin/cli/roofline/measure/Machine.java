// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.kelvin.cli.roofline.report.Cache;
import dev.kelvin.cli.roofline.report.Environment;
import dev.kelvin.ops.Compute;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is known of the machine and of this JVM. Linux tells in files; elsewhere less is known, and that is said. */
public final class Machine {
    private static final Path CPU = Path.of("/sys/devices/system/cpu/cpu0");

    /** Where a system does not tell its caches: those of a small desktop processor. */
    private static final List<Cache> ASSUMED =
            List.of(new Cache(1, 32 << 10, 1), new Cache(2, 512 << 10, 1), new Cache(3, 8 << 20, 4));

    private static final List<String> FLAGS = List.of("UseAVX", "MaxVectorSize", "UseSuperWord", "TieredStopAtLevel");

    private Machine() {}

    /** What a report says. */
    static Environment environment() {
        Map<String, String> facts = new LinkedHashMap<>();
        int lanes;
        try (Compute compute = Compute.serial()) {
            lanes = compute.vectorBits();
        }
        List<Cache> caches = caches();
        facts.put("cpu", cpu());
        facts.put(
                "system",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        facts.put("governor", line(CPU.resolve("cpufreq/scaling_governor")).orElse("not told"));
        facts.put("hypervisor", hypervisor());
        facts.put("container", container());
        if (caches.equals(ASSUMED)) {
            facts.put("caches", "assumed, the system does not tell");
        }
        facts.put("jvm", System.getProperty("java.vm.name") + " " + Runtime.version());
        facts.put("compiler", compiler());
        facts.put("options", String.join(" ", options()));
        facts.put("flags", flags());
        facts.put("lanes", lanes == 0 ? "none: plain loops" : lanes + " bits");
        facts.put("arrays", arrays());
        facts.put("garbage collector", collector());
        return new Environment(
                facts, caches, memoryBytes(), Runtime.getRuntime().availableProcessors(), lanes);
    }

    /** The first line of a file, if it can be read. */
    private static Optional<String> line(Path file) {
        try {
            return Files.readAllLines(file).stream().findFirst().map(String::strip);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** What stands behind the colon of the first line of {@code file} that begins so. */
    private static Optional<String> field(String file, String name) {
        try {
            return Files.readAllLines(Path.of(file)).stream()
                    .filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String cpu() {
        Optional<String> model = field("/proc/cpuinfo", "model name");
        Optional<String> family = field("/proc/cpuinfo", "cpu family");
        Optional<String> number = field("/proc/cpuinfo", "model\t");
        String exact = family.isPresent() && number.isPresent()
                ? " (family " + family.get() + ", model " + number.get() + ")"
                : "";
        return model.map(name -> name + exact).orElse(System.getProperty("os.arch"));
    }

    private static String hypervisor() {
        return field("/proc/cpuinfo", "flags")
                .map(flags -> List.of(flags.split(" ", -1)).contains("hypervisor") ? "yes" : "none")
                .orElse("not told");
    }

    /** Of how many processors of the machine this process may use fewer, and what its control group allows. */
    private static String container() {
        int processors = Runtime.getRuntime().availableProcessors();
        int all = line(CPU.resolveSibling("online")).map(Machine::count).orElse(processors);
        String limits = ControlGroup.current().toString();
        return all > processors ? processors + " of " + all + " processors, " + limits : limits;
    }

    static List<Cache> caches() {
        List<Cache> caches = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(CPU.resolve("cache"), "index*")) {
            for (Path folder : folders) {
                cache(folder).ifPresent(caches::add);
            }
        } catch (IOException e) {
            return ASSUMED;
        }
        caches.sort(Comparator.comparingInt(Cache::level));
        return caches.isEmpty() ? ASSUMED : List.copyOf(caches);
    }

    private static Optional<Cache> cache(Path folder) {
        Optional<String> type = line(folder.resolve("type"));
        Optional<String> level = line(folder.resolve("level"));
        Optional<String> size = line(folder.resolve("size"));
        if (type.isEmpty() || level.isEmpty() || size.isEmpty() || type.get().equals("Instruction")) {
            return Optional.empty();
        }
        String sharers = line(folder.resolve("shared_cpu_list")).orElse("0");
        return Optional.of(new Cache(Integer.parseInt(level.get()), bytes(size.get()), count(sharers)));
    }

    /** A size such as {@code 32K}. */
    static long bytes(String size) {
        int end = size.length() - 1;
        return switch (size.charAt(end)) {
            case 'K' -> Long.parseLong(size.substring(0, end)) << 10;
            case 'M' -> Long.parseLong(size.substring(0, end)) << 20;
            case 'G' -> Long.parseLong(size.substring(0, end)) << 30;
            default -> Long.parseLong(size);
        };
    }

    /** How many processors a list such as {@code 0-3,8} names. */
    static int count(String list) {
        int count = 0;
        for (String range : list.split(",", -1)) {
            int dash = range.indexOf('-');
            count += dash < 0
                    ? 1
                    : Integer.parseInt(range.substring(dash + 1)) - Integer.parseInt(range.substring(0, dash)) + 1;
        }
        return count;
    }

    private static long memoryBytes() {
        long machine = field("/proc/meminfo", "MemTotal")
                .map(text -> Long.parseLong(text.replace(" kB", "")) << 10)
                .orElse(4 * Runtime.getRuntime().maxMemory());
        return Math.min(machine, ControlGroup.current().memoryBytes());
    }

    private static String compiler() {
        String mode = option("UseJVMCICompiler")
                .filter(Boolean::parseBoolean)
                .map(_ -> "Graal")
                .orElse("C2");
        return mode + ", " + System.getProperty("java.vm.info", "");
    }

    /** Options that were given and change what code is made, without those that name a place on this machine. */
    private static List<String> options() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("-XX:") || option.startsWith("-Dkelvin.vectorBits"))
                .filter(option -> !option.contains("/"))
                .toList();
    }

    private static String flags() {
        List<String> flags = new ArrayList<>();
        FLAGS.forEach(name -> option(name).ifPresent(value -> flags.add(name + "=" + value)));
        return String.join(" ", flags);
    }

    /** The value of an option of HotSpot, if this JVM has it. */
    static Optional<String> option(String name) {
        HotSpotDiagnosticMXBean hotSpot = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        try {
            return hotSpot == null
                    ? Optional.empty()
                    : Optional.of(hotSpot.getVMOption(name).getValue());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String arrays() {
        boolean compact =
                option("UseCompactObjectHeaders").filter(Boolean::parseBoolean).isPresent();
        return "objects at multiples of " + option("ObjectAlignmentInBytes").orElse("8") + " bytes, elements from byte "
                + (compact ? 12 : 16) + " on: vectors may cross cache lines";
    }

    private static String collector() {
        return String.join(
                ", ",
                ManagementFactory.getGarbageCollectorMXBeans().stream()
                        .map(bean -> bean.getName())
                        .toList());
    }

    /** The width of the JVM's own vectors in bits; 0 if it does not tell. */
    static int vectorBits() {
        return option("MaxVectorSize").map(bytes -> 8 * Integer.parseInt(bytes)).orElse(0);
    }

    /** Processor time since the machine began: all of it, and what a hypervisor gave to others; empty if not told. */
    static Optional<long[]> ticks() {
        return line(Path.of("/proc/stat"))
                .filter(line -> line.startsWith("cpu "))
                .map(line -> {
                    String[] words = line.split(" +", -1);
                    long all = 0;
                    for (int i = 1; i <= 8 && i < words.length; i++) {
                        all += Long.parseLong(words[i]);
                    }
                    return new long[] {all, words.length > 8 ? Long.parseLong(words[8]) : 0};
                });
    }
}
