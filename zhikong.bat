@echo off
rem Drag workbooks or a folder onto this file: they are checked, and the report opens.
rem No brackets around these commands: a name such as lists(1).xlsx would close them. No && and ||: findings are exit code 1.
chcp 65001 >nul
where py >nul 2>nul
if errorlevel 1 goto python
py -3 "%~dp0run.py" check %*
goto end
:python
where python >nul 2>nul
if errorlevel 1 goto missing
python "%~dp0run.py" check %*
goto end
:missing
echo Python 3.11 or newer is needed. Install it, tick "Add Python to PATH", and try again.
:end
pause
