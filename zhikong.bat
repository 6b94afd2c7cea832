@echo off
rem Drag a workbook or folder onto this file: it is checked, and the report opens.
chcp 65001 >nul
where py >nul 2>nul && (py -3 "%~dp0run.py" check %*) || (python "%~dp0run.py" check %*)
pause
