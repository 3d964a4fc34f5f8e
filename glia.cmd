@echo off
rem Builds what is missing, and runs the program. After a change of the sources: mvn package.
setlocal
set "HOME_DIR=%~dp0"
set "JAR=%HOME_DIR%unet-lgg\target\glia.jar"
if not exist "%JAR%" (
  echo glia: building, a minute; longer the first time, while Maven downloads 1>&2
  pushd "%HOME_DIR%"
  call mvn -q -B -DskipTests -Dmaven.javadoc.skip=true -pl unet-lgg -am package || (popd & exit /b 1)
  popd
)
if "%OMP_WAIT_POLICY%"=="" set OMP_WAIT_POLICY=passive
set "JAVA=java"
if not "%JAVA_HOME%"=="" set "JAVA=%JAVA_HOME%\bin\java"
"%JAVA%" %GLIA_JAVA_OPTIONS% -jar "%JAR%" %*
exit /b %ERRORLEVEL%
