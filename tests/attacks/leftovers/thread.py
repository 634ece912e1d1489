"""Leaves threads that work on after their cell."""
# honest: square
# %% square
import threading
import time

def work():
    while True:
        time.sleep(0.001)
        print("still here")

for _ in range(5):
    threading.Thread(target=work).start()
carried_out()

def square(x):
    return x * x
