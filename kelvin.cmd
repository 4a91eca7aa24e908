@echo off
rem SPDX-License-Identifier: Apache-2.0
rem Runs Kelvin from its checkout on Windows: builds on the first run, starts the program on the module path. After
rem `git pull`, run `mvnw.cmd -DskipTests -pl cli -am package`.
setlocal
set "here=%~dp0"
if not defined KELVIN_JAVA_HOME set "KELVIN_JAVA_HOME=%JAVA_HOME%"
if not exist "%KELVIN_JAVA_HOME%\bin\java.exe" (
    echo kelvin: KELVIN_JAVA_HOME or JAVA_HOME must be the home of a JDK 25 or newer 1>&2
    exit /b 1
)
set "modules=%here%cli\target\modules"
if exist "%modules%\complete" goto run
echo kelvin: the first run builds the program ^(about a minute^) ... 1>&2
set "JAVA_HOME=%KELVIN_JAVA_HOME%"
pushd "%here%"
call mvnw.cmd -q -B -ntp -DskipTests -Dkelvin.warnings=-nowarn -Dkelvin.checks=-XepDisableAllChecks -pl cli -am package 1>&2
if errorlevel 1 (
    popd
    echo kelvin: the build failed; Maven's messages are above 1>&2
    exit /b 1
)
popd
:run
for /f "tokens=2 delims==" %%v in ('findstr /b "JAVA_VERSION=" "%KELVIN_JAVA_HOME%\release"') do (
    for %%k in (25 25.0.0 25.0.1 25.0.2) do if "%%~v"=="%%k" (
        echo kelvin: the JDK at %KELVIN_JAVA_HOME% is older than 25.0.3, which fixes JDK-8377811: under the G1 collector it can corrupt memory; Kelvin runs with the serial collector unless KELVIN_JAVA_OPTS asks for another 1>&2
    )
)
rem The options are those of `kelvin`, which says why: how the JIT compiler begins, and a small heap, unless
rem KELVIN_JAVA_OPTS names another collector.
set "memory=-XX:+UseSerialGC -Xms16m"
if defined KELVIN_JAVA_OPTS if not "%KELVIN_JAVA_OPTS:GC=%"=="%KELVIN_JAVA_OPTS%" set "memory="
"%KELVIN_JAVA_HOME%\bin\java.exe" -XX:+IgnoreUnrecognizedVMOptions -XX:+UnlockDiagnosticVMOptions ^
    -XX:+DisplayVMOutputToStderr -XX:CompileCommand=quiet ^
    "-XX:CompilerDirectivesFile=%here%cli\src\main\jvm\compiler.json" -XX:Tier4BackEdgeThreshold=400000 ^
    "-XX:CompileCommand=CompileThresholdScaling,*Gemm::*,0.1" ^
    "-XX:CompileCommand=CompileThresholdScaling,*GemmTile::*,0.1" ^
    "-XX:CompileCommand=CompileThresholdScaling,*Gemv::*,0.1" ^
    "-XX:CompileCommand=CompileThresholdScaling,*PackedTile::*,0.1" ^
    %memory% %KELVIN_JAVA_OPTS% ^
    -p "%modules%" -m dev.kelvin.cli/dev.kelvin.cli.Main %*
