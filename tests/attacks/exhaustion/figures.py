"""Opens hundreds of figures of enormous size."""
# %% square
import matplotlib.pyplot as plt

for _ in range(40):
    plt.figure(figsize=(1e6, 1e6), dpi=1000)
carried_out()

def square(x):
    plt.figure(figsize=(1e6, 1e6))
    return 0
