@echo off
rem SPDX-License-Identifier: Apache-2.0
rem Runs Kelvin from its checkout on Windows, as `kelvin` does elsewhere: finds a JDK, builds on the first run, starts the
rem program on the module path. Two things are different: a program that is older than its sources is not noticed (after
rem `git pull`, run `mvnw.cmd -DskipTests -pl cli -am package`), and what the JVM announces is not taken away.
setlocal
set "here=%~dp0"
set "jdk="
set "corrupts="
if not defined KELVIN_JAVA_HOME goto search
call :look "%KELVIN_JAVA_HOME%"
if defined jdk goto found
echo kelvin: KELVIN_JAVA_HOME=%KELVIN_JAVA_HOME% is not a JDK 25 or newer 1>&2
exit /b 1

:search
if defined JAVA_HOME call :look "%JAVA_HOME%"
for %%j in (java.exe) do if not defined jdk if not "%%~$PATH:j"=="" call :look "%%~dp$PATH:j.."
for /d %%d in ("%ProgramFiles%\Java\*" "%ProgramFiles%\Eclipse Adoptium\*" "%ProgramFiles%\Microsoft\jdk*" ^
    "%ProgramFiles%\Zulu\*" "%USERPROFILE%\.jdks\*") do if not defined jdk call :look "%%~d"
if defined jdk goto found
echo kelvin: no JDK 25 or newer in KELVIN_JAVA_HOME, JAVA_HOME, PATH, Program Files or .jdks; install one, or set KELVIN_JAVA_HOME to its home 1>&2
exit /b 1

:found
set "modules=%here%cli\target\modules"
if exist "%modules%\complete" goto run
echo kelvin: the program is not built yet; building it (about a minute) ... 1>&2
set "maven=%here%mvnw.cmd"
where /q mvn.cmd
if not errorlevel 1 set "maven=mvn.cmd"
set "JAVA_HOME=%jdk%"
rem These keep a JDK's remarks about Maven's own libraries out of the progress.
set "MAVEN_OPTS=--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED"
pushd "%here%"
call "%maven%" -q -B -ntp -DskipTests -Dkelvin.warnings=-nowarn -Dkelvin.checks=-XepDisableAllChecks -pl cli -am package 1>&2 <nul
popd
if exist "%modules%\complete" goto run
echo kelvin: the build failed; Maven's messages are above 1>&2
exit /b 1

:run
if defined corrupts echo kelvin: the JDK at %jdk% is older than 25.0.3, which fixes JDK-8377811: under the G1 collector it can corrupt memory; Kelvin runs with the serial collector unless KELVIN_JAVA_OPTS asks for another 1>&2
rem The options are those of .mvn/start.sh, which says why: how the JIT compiler begins, which a JVM may not know unless
rem there are options of the user among them, and a small heap unless those name another collector.
set "ignore=-XX:+IgnoreUnrecognizedVMOptions"
if defined JAVA_TOOL_OPTIONS set "ignore="
if defined JDK_JAVA_OPTIONS set "ignore="
if defined KELVIN_JAVA_OPTS set "ignore="
set "memory=-XX:+UseSerialGC -Xms16m"
(set JAVA_TOOL_OPTIONS& set JDK_JAVA_OPTIONS& set KELVIN_JAVA_OPTS) 2>nul | findstr /r /c:"-XX:+Use[A-Za-z0-9]*GC" >nul
if not errorlevel 1 set "memory="
"%jdk%\bin\java.exe" %ignore% -XX:+UnlockDiagnosticVMOptions ^
    -XX:+DisplayVMOutputToStderr -XX:CompileCommand=quiet ^
    "-XX:CompilerDirectivesFile=%here%cli\src\main\jvm\compiler.json" -XX:Tier4BackEdgeThreshold=400000 ^
    "-XX:CompileCommand=CompileThresholdScaling,*Gemm::*,0.1" ^
    "-XX:CompileCommand=CompileThresholdScaling,*GemmTile::*,0.1" ^
    "-XX:CompileCommand=CompileThresholdScaling,*Gemv::*,0.1" ^
    %memory% %KELVIN_JAVA_OPTS% ^
    -p "%modules%" -m dev.kelvin.cli/dev.kelvin.cli.Main %*
exit /b %errorlevel%

:look
rem Sets jdk to the folder %1 if it is the home of a JDK 25 or newer, and corrupts if it is one before 25.0.3.
if not exist "%~1\bin\java.exe" exit /b
if not exist "%~1\release" exit /b
set "version="
for /f "tokens=2 delims==" %%v in ('findstr /b "JAVA_VERSION=" "%~1\release"') do set "version=%%~v"
for /f "tokens=1-3 delims=." %%a in ("%version%.0.0") do set "feature=%%a" & set "interim=%%b" & set "update=%%c"
for /f "delims=+-" %%a in ("%feature%") do set "feature=%%a"
if %feature% LSS 25 exit /b
set "jdk=%~1"
if "%feature%.%interim%"=="25.0" if %update% LSS 3 set "corrupts=yes"
exit /b
